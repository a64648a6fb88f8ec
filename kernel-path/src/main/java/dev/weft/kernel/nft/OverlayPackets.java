package dev.weft.kernel.nft;

import dev.weft.api.path.DataPathConfig;
import java.net.Inet4Address;
import java.util.Arrays;

/** Matches of VXLAN to the overlay's port, of the data-path address's family; and the keys of sets that go with them. */
final class OverlayPackets {

    /** A register has 32 bits; a VNI is in its first three bytes. */
    static final int VNI_REGISTERS = 4;

    private static final byte UDP = 17;
    private static final byte ICMP = 1;
    private static final byte ICMPV6 = 58;
    /** Type and code (RFC 792; RFC 4443, 3.1). */
    private static final byte[] PORT_UNREACHABLE = {3, 3};
    private static final byte[] PORT_UNREACHABLE_V6 = {1, 4};
    /** In an ICMP error: where the header of the packet begins that it is about. */
    private static final int QUOTED = 8;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int UDP_DESTINATION = 2;
    private static final int UDP_LENGTH = 4;
    private static final int FLAGS = 8;
    private static final byte VNI_FLAG = 0x08;
    /** UDP, VXLAN and an inner Ethernet header. */
    private static final byte LEAST_LENGTH = 8 + 8 + 14;
    /** Behind the UDP header and the VXLAN flags. */
    private static final int VNI = 12;
    private static final int VNI_LENGTH = 3;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;

    private final boolean ipv4;
    private final int port;

    OverlayPackets(DataPathConfig config) {
        ipv4 = config.vtep() instanceof Inet4Address;
        port = config.port();
    }

    Expressions all() {
        return new Expressions().meta(MetaKey.NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                .meta(MetaKey.L4PROTO).is(UDP)
                .payload(Expressions.TRANSPORT_HEADER, UDP_DESTINATION, 2).is((byte) (port >> 8), (byte) port);
    }

    Expressions tooShort() {
        return all().payload(Expressions.TRANSPORT_HEADER, UDP_LENGTH, 2).compare(Comparison.LESS, (byte) 0, LEAST_LENGTH);
    }

    Expressions withoutVni() {
        return all().payload(Expressions.TRANSPORT_HEADER, FLAGS, 1).mask(VNI_FLAG).is((byte) 0);
    }

    /** What the kernel sends when there is no socket at the overlay's port: it quotes what came, as it was after ESP was taken off. */
    Expressions portUnreachable() {
        int quotedUdp = QUOTED + (ipv4 ? IPV4_HEADER : IPV6_HEADER);
        return new Expressions().meta(MetaKey.NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                .meta(MetaKey.L4PROTO).is(ipv4 ? ICMP : ICMPV6)
                .payload(Expressions.TRANSPORT_HEADER, 0, 2).is(ipv4 ? PORT_UNREACHABLE : PORT_UNREACHABLE_V6)
                .payload(Expressions.TRANSPORT_HEADER, QUOTED + (ipv4 ? IPV4_PROTOCOL : IPV6_NEXT_HEADER), 1).is(UDP)
                .payload(Expressions.TRANSPORT_HEADER, quotedUdp + UDP_DESTINATION, 2).is((byte) (port >> 8), (byte) port);
    }

    /** Leaves the VNI in the register. */
    Expressions withVni() {
        return all().payload(Expressions.TRANSPORT_HEADER, VNI, VNI_LENGTH);
    }

    /** Leaves the VNI in the register and the sender's address in those behind it. */
    Expressions withVniAndSource() {
        return withVni().payload(Expressions.NETWORK_HEADER, ipv4 ? IPV4_SOURCE : IPV6_SOURCE, addressLength(), Expressions.NEXT_REGISTER);
    }

    /** The register behind those. */
    int lastRegister() {
        return Expressions.NEXT_REGISTER + addressLength() / Integer.BYTES;
    }

    int addressLength() {
        return ipv4 ? 4 : 16;
    }

    byte[] vni(int vni) {
        return new byte[] {(byte) (vni >> 16), (byte) (vni >> 8), (byte) vni, 0};
    }

    /** One key of several fields. */
    byte[] key(byte[]... fields) {
        byte[] key = new byte[0];
        for (byte[] field : fields) {
            int at = key.length;
            key = Arrays.copyOf(key, at + field.length);
            System.arraycopy(field, 0, key, at, field.length);
        }
        return key;
    }
}
