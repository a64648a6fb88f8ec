package dev.weft.api;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a node takes part in encrypted networks.
 *
 * @param rekeyAfter   a key is replaced at this age, or up to a tenth earlier; it ends at twice this age, whatever happened to its
 *                     successor. 1 s to 30 days
 * @param rekeyBytes   a key is replaced when so many bytes went through it; 1 or more
 * @param rekeyPackets or so many packets; 1 or more
 * @param udp          ESP to and from this node goes in UDP (RFC 3948): for networks that drop IP protocol 50. It does in any case when
 *                     either side's data path is SOCKET
 * @param udpPort      4500 by default; the same at all nodes
 * @param keyLog       where keys are written to in clear, for tshark; for debugging only. Empty: nowhere
 */
public record EncryptionSpec(Duration rekeyAfter, long rekeyBytes, long rekeyPackets, boolean udp, int udpPort, Optional<Path> keyLog) {

    /** RFC 3948, section 2.1: the port of IKE's NAT traversal. */
    public static final int DEFAULT_UDP_PORT = 4500;

    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofDays(30);

    /** 12 hours, 1 TiB, 2^34 packets. */
    public static final EncryptionSpec DEFAULT = new EncryptionSpec(Duration.ofHours(12), 1L << 40, 1L << 34, false, DEFAULT_UDP_PORT,
            Optional.empty());

    /** @throws WeftException.InvalidSpec if something is out of range */
    public EncryptionSpec {
        if (rekeyAfter.compareTo(LEAST) < 0 || rekeyAfter.compareTo(MOST) > 0) {
            throw new WeftException.InvalidSpec("a rekey after " + rekeyAfter + " is out of range; take 1 second to 30 days");
        }
        if (rekeyBytes < 1 || rekeyPackets < 1) {
            throw new WeftException.InvalidSpec("a rekey after " + rekeyBytes + " bytes or " + rekeyPackets
                    + " packets is out of range; take 1 or more");
        }
        if (udpPort < 1 || udpPort > 65535) {
            throw new WeftException.InvalidSpec("port " + udpPort + " for ESP in UDP is out of range; take 1 to 65535");
        }
    }

    /** The same with other times and amounts. */
    public EncryptionSpec rekey(Duration after, long bytes, long packets) {
        return new EncryptionSpec(after, bytes, packets, udp, udpPort, keyLog);
    }

    /** The same with ESP in UDP, or not. */
    public EncryptionSpec udp(boolean value) {
        return new EncryptionSpec(rekeyAfter, rekeyBytes, rekeyPackets, value, udpPort, keyLog);
    }

    /** The same at another port. */
    public EncryptionSpec udpPort(int value) {
        return new EncryptionSpec(rekeyAfter, rekeyBytes, rekeyPackets, udp, value, keyLog);
    }

    /** The same with a key log: whoever reads that file reads all that the node sends and receives. */
    public EncryptionSpec keyLog(Path file) {
        return new EncryptionSpec(rekeyAfter, rekeyBytes, rekeyPackets, udp, udpPort, Optional.ofNullable(file));
    }
}
