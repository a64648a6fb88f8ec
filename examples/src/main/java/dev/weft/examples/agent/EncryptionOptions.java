package dev.weft.examples.agent;

import dev.weft.api.EncryptionSpec;
import dev.weft.api.NodeBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a node takes part in encrypted networks. */
final class EncryptionOptions {

    @Option(names = "--esp-udp", description = "ESP in UDP always: for networks that drop IP protocol 50")
    private boolean udp;
    @Option(names = "--esp-port", paramLabel = "PORT", defaultValue = "" + EncryptionSpec.DEFAULT_UDP_PORT,
            description = "UDP, ESP in UDP; the same on all nodes (${DEFAULT-VALUE})")
    private int udpPort;
    @Option(names = "--rekey-after", paramLabel = "SECONDS", defaultValue = "43200",
            description = "age at which a key is replaced; it ends at twice that age (${DEFAULT-VALUE})")
    private long rekeySeconds;
    @Option(names = "--rekey-bytes", paramLabel = "N", description = "or after so many bytes (1 TiB)")
    private Long rekeyBytes;
    @Option(names = "--rekey-packets", paramLabel = "N", description = "or after so many packets (2^34)")
    private Long rekeyPackets;
    @Option(names = "--key-log", paramLabel = "FILE", description = "DEBUGGING ONLY: writes every key in clear to FILE, for tshark (esp_sa)")
    private Path keyLog;

    void fill(NodeBuilder builder) {
        builder.encryption(new EncryptionSpec(Duration.ofSeconds(rekeySeconds), rekeyBytes == null ? EncryptionSpec.DEFAULT.rekeyBytes() : rekeyBytes,
                rekeyPackets == null ? EncryptionSpec.DEFAULT.rekeyPackets() : rekeyPackets, udp, udpPort, Optional.ofNullable(keyLog)));
    }
}
