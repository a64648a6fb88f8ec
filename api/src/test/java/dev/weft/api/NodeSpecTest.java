package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSpecTest {

    private static NodeBuilder one() {
        return OverlayNode.builder().name("one").dataDirectory(Path.of("data")).advertise("192.0.2.1");
    }

    @Test
    void shouldSayWhatIsMissing() {
        String message = assertThrows(WeftException.InvalidSpec.class, () -> OverlayNode.builder().name("one").build()).getMessage();
        assertTrue(message.contains("call NodeBuilder.dataDirectory(...)"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "224.0.0.1", "::", "ff02::1", "host", "", "192.0.2"})
    void shouldRefuseAddressesThatOthersCannotReach(String address) {
        assertThrows(WeftException.InvalidSpec.class, () -> one().advertise(address).build());
        assertThrows(WeftException.InvalidSpec.class, () -> one().vtep(address).build());
    }

    /** It would be asked for, and never answer, once an endpoint asks for a name. */
    @Test
    void shouldRefuseNameServersThatCannotBeAsked() {
        InetSocketAddress server = new InetSocketAddress("192.0.2.53", 53);
        assertEquals(List.of(server), one().resolver("192.0.2.53").build().resolvers());
        for (InetSocketAddress none : List.of(InetSocketAddress.createUnresolved("ns.example", 53), new InetSocketAddress("192.0.2.53", 0))) {
            assertThrows(WeftException.InvalidSpec.class, () -> one().resolver(none).build(), none.toString());
        }
    }
}
