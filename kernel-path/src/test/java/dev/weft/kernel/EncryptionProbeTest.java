package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.PipelineSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.testing.Shell;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whether iproute2 can install the same SA is the oracle, on a kernel with ESP and on one without. */
@Tag("privileged")
class EncryptionProbeTest {

    @Test
    void shouldSayWhatIproute2FindsOut() {
        String namespace = "wk-probe-" + ProcessHandle.current().pid();
        String namespaces = Shell.words("ip netns list");
        Shell.words("ip netns add " + namespace);
        try {
            String said = Shell.tryRun("ip", "-n", namespace, "xfrm", "state", "add", "src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi",
                    "0x100", "mode", "transport", "aead", "rfc4106(gcm(aes))", "0x0102030405060708090a0b0c0d0e0f1011121314", "128");
            Optional<String> clearOnly = EncryptionProbe.clearOnly(new DataPathConfig("nodeone1", Cidr.parseAddress("192.0.2.1"), 4789,
                    Optional.empty(), Optional.empty(), PipelineSpec.DEFAULT));
            assertEquals(said.isEmpty(), clearOnly.isEmpty(), said + " / " + clearOnly);
            assertTrue(clearOnly.isEmpty() || clearOnly.get().contains("modprobe"), clearOnly.toString());
        } finally {
            Shell.words("ip netns del " + namespace);
        }
        assertEquals(namespaces, Shell.words("ip netns list"), "the attempt leaves nothing behind");
    }
}
