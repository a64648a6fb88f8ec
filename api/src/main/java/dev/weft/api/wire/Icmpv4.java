package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** Types and codes of ICMP, RFC 792, and the checksum rule. The header is {@link IcmpHeader}. */
public final class Icmpv4 {

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int ECHO_REQUEST = 8;

    /** Codes of {@link #DESTINATION_UNREACHABLE}. */
    public static final int HOST_UNREACHABLE = 1;
    public static final int PORT_UNREACHABLE = 3;
    public static final int FRAGMENTATION_NEEDED = 4;

    private static final int TIME_EXCEEDED = 11;
    private static final int PARAMETER_PROBLEM = 12;

    private Icmpv4() {
    }

    /** Whether it is about another packet, which it quotes (RFC 1122, 3.2.2). Redirects and source quench are none: nobody wants them. */
    public static boolean isError(int type) {
        return type == DESTINATION_UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
    }

    /** RFC 1191, 4: the next-hop MTU of a {@link #FRAGMENTATION_NEEDED}, in bytes. */
    public static int nextHopMtu(MemorySegment memory, long offset) {
        return IcmpHeader.sequenceNumber(memory, offset);
    }

    /** Over the message alone. */
    public static boolean isChecksumValid(MemorySegment memory, long offset, int messageLength) {
        return InternetChecksum.of(memory, offset, messageLength) == 0;
    }

    /** Computes the checksum anew. */
    public static void fillChecksum(MemorySegment memory, long offset, int messageLength) {
        IcmpHeader.checksum(memory, offset, 0);
        IcmpHeader.checksum(memory, offset, InternetChecksum.of(memory, offset, messageLength));
    }
}
