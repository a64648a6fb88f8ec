package dev.weft.kernel.xfrm;

import dev.weft.api.Cipher;
import java.util.Optional;

/**
 * The UDP source ports of a network's VXLAN. Networks between the same two VTEPs share addresses and destination port, and an IPsec
 * policy sees nothing of a packet but those and its source port; so it is the source port that tells the policy which cipher the
 * packet needs. Encrypted networks lose nothing by having one only: nobody on the way sees it.
 */
public record SourcePorts(int first, int last) {

    /** RFC 7348, 5: for spreading flows, from the dynamic ports. The last one must stay free: XFRM and VXLAN count to one beyond. */
    private static final SourcePorts CLEAR = new SourcePorts(49152, 65534);
    private static final SourcePorts AES_128 = new SourcePorts(4128, 4128);
    private static final SourcePorts AES_256 = new SourcePorts(4256, 4256);

    public static SourcePorts of(Optional<Cipher> encryption) {
        return encryption.map(SourcePorts::of).orElse(CLEAR);
    }

    static SourcePorts of(Cipher cipher) {
        return switch (cipher) {
            case AES_128_GCM -> AES_128;
            case AES_256_GCM -> AES_256;
        };
    }
}
