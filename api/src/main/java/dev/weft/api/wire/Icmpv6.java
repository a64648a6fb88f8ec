package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** Types and codes of ICMPv6, RFC 4443, and the checksum rule. The header is {@link IcmpHeader}. */
public final class Icmpv6 {

    public static final int DESTINATION_UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    /** RFC 4861, 4.2 to 4.5. */
    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int REDIRECT = 137;

    /** Codes of {@link #DESTINATION_UNREACHABLE}. */
    public static final int ADDRESS_UNREACHABLE = 3;
    public static final int PORT_UNREACHABLE = 4;

    private static final int MTU = 4;

    /** RFC 4861, 4.1. */
    private static final int ROUTER_SOLICITATION = 133;

    private Icmpv6() {
    }

    /** The five messages of RFC 4861. */
    public static boolean isNeighborDiscovery(int type) {
        return type >= ROUTER_SOLICITATION && type <= REDIRECT;
    }

    /** Types below 128 are errors (RFC 4443, 2.1); an error is never answered with an error. */
    public static boolean isError(int type) {
        return type < ECHO_REQUEST;
    }

    /** RFC 4443, 3.2: of a {@link #PACKET_TOO_BIG}, in bytes. */
    public static int mtu(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + MTU);
    }

    /** Over the message and the pseudo header of the IPv6 header at {@code ipOffset}. */
    public static boolean isChecksumValid(MemorySegment memory, long ipOffset, long offset, int messageLength) {
        return InternetChecksum.ofTransportIpv6(memory, ipOffset, IpProtocol.ICMPV6, offset, messageLength) == 0;
    }

    /** Computes the checksum anew. */
    public static void fillChecksum(MemorySegment memory, long ipOffset, long offset, int messageLength) {
        IcmpHeader.checksum(memory, offset, 0);
        IcmpHeader.checksum(memory, offset,
                InternetChecksum.ofTransportIpv6(memory, ipOffset, IpProtocol.ICMPV6, offset, messageLength));
    }
}
