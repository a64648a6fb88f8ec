package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachmentTest {

    @Test
    void shouldHaveAResolvConfWhereItIsWantedOnly() {
        assertEquals(new Attachment.NetworkNamespace("web", "eth0", true), EndpointSpec.networkNamespace("a", "web", "eth0").resolvConf().build()
                .attachment());
        assertEquals(new Attachment.NetworkNamespace("web", "eth0", false), EndpointSpec.networkNamespace("a", "web", "eth0").build().attachment());
    }

    /** Its directory is /etc/netns/NAME: what is no name would lead elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {".", "..", "/proc/1/ns/net", "/run/netns/web", "web/..", "../web", "we b", "web\n"})
    void shouldHaveAResolvConfForNamesOnly(String namespace) {
        assertThrows(WeftException.InvalidSpec.class, EndpointSpec.networkNamespace("a", namespace, "eth0")::resolvConf);
    }

    @Test
    void shouldHaveNoResolvConfWithoutANamespace() {
        assertThrows(WeftException.InvalidSpec.class, EndpointSpec.inProcess("a")::resolvConf);
        assertThrows(WeftException.InvalidSpec.class, EndpointSpec.hostInterface("a", "eth7")::resolvConf);
    }
}
