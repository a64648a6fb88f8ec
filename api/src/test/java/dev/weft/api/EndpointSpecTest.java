package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointSpecTest {

    private static final InetAddress VTEP = InetAddress.ofLiteral("192.0.2.9");

    private static void assertRefused(EndpointSpec.Builder spec, String why) {
        WeftException refused = assertThrows(WeftException.InvalidSpec.class, spec::build);
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
    }

    @Test
    void shouldPublishByNamespacesAndByUdpOfPrograms() {
        assertEquals(List.of(PublishedPort.parse("8080:80"), PublishedPort.parse("9:9/sctp")),
                EndpointSpec.networkNamespace("a", "web", "eth0").publish("8080:80").publish("9:9/sctp").build().publication().ports());
        assertEquals(List.of(PublishedPort.parse("5353:53/udp"), PublishedPort.parse("published=54,target=53,protocol=udp,mode=host")),
                EndpointSpec.inProcess("a").publish("5353:53/udp").publish("published=54,target=53,protocol=udp,mode=host").build()
                        .publication().ports());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080:80", "8080:80/sctp", "published=8080,target=80,mode=host"})
    void shouldNotPublishWhatAProgramCannotAnswer(String port) {
        assertRefused(EndpointSpec.inProcess("a").publish("5353:53/udp").publish(port), "'" + PublishedPort.parse(port)
                + "' cannot lead to endpoint 'a': it is in-process, has datagram channels and speaks UDP alone; publish by UDP, or attach a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080:80", "8080:80/udp", "published=8080,target=80,mode=host"})
    void shouldNotPublishWhereNobodyCouldAnswerByTheWayThatHeWasAsked(String port) {
        assertRefused(EndpointSpec.hostInterface("a", "weft0").publish(port),
                "could not be told from all else that the host sends; attach a network namespace");
        assertRefused(EndpointSpec.external("a", VTEP, new MacAddress(0x0200_0000_0001L)).address("10.0.0.9").publish(port),
                "it is behind a VTEP that is not Weft's");
    }
}
