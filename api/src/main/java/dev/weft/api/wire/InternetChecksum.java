package dev.weft.api.wire;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * The Internet checksum: RFC 1071 over bytes, RFC 1624 by difference. A <em>sum</em> is a partial ones' complement sum in a
 * long that may be added to others; a <em>checksum</em> is the 16-bit complement that goes into a header.
 */
public final class InternetChecksum {

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW_32 = 0xffff_ffffL;
    private static final int LOW_16 = 0xffff;
    private static final int ADDRESSES_IPV4 = 12;
    private static final int ADDRESSES_IPV6 = 8;

    private InternetChecksum() {
    }

    /** The checksum of bytes with no pseudo header; 0 when the bytes include a checksum that is right. */
    public static int of(MemorySegment memory, long offset, int length) {
        return complement(sum(memory, offset, length));
    }

    /** The same of twenty bytes, which most IPv4 headers have: a loop would take longer to begin than they take. */
    static int ofTwenty(MemorySegment memory, long offset) {
        return complement(halves(BigEndian.getLong(memory, offset)) + halves(BigEndian.getLong(memory, offset + 8))
                + (BigEndian.getInt(memory, offset + 16) & LOW_32));
    }

    /** Whether {@link #ofTwenty} of these bytes is 0. */
    static boolean isZeroOfTwenty(long first, long second, int third) {
        long sum = halves(halves(first) + halves(second) + (third & LOW_32));
        int folded = (int) (sum >>> 16) + (int) (sum & LOW_16);
        return folded == LOW_16 || folded == 2 * LOW_16;
    }

    /**
     * The checksum of a transport packet under the IPv4 header at {@code ipOffset}; 0 when the packet includes one that is
     * right.
     */
    public static int ofTransportIpv4(MemorySegment memory, long ipOffset, int protocol, long offset, int length) {
        return complement(sum(memory, ipOffset + ADDRESSES_IPV4, 8) + protocol + length + sum(memory, offset, length));
    }

    /**
     * The checksum of a transport packet under the IPv6 header at {@code ipOffset}; 0 when the packet includes one that is
     * right. The protocol is handed in because extension headers may stand between (RFC 8200, 8.1).
     */
    public static int ofTransportIpv6(MemorySegment memory, long ipOffset, int protocol, long offset, int length) {
        return complement(sum(memory, ipOffset + ADDRESSES_IPV6, 32) + protocol + length + sum(memory, offset, length));
    }

    /** RFC 768 and 8200, 8.1: a checksum that comes out as zero is sent as all ones, for zero says that there is none. */
    public static int asUdp(int checksum) {
        return checksum == 0 ? LOW_16 : checksum;
    }

    /**
     * Sums bytes, of any alignment. An odd last byte counts as the high one of a pair, so only the last part of a message may
     * have an odd length.
     */
    public static long sum(MemorySegment memory, long offset, int length) {
        int eights = length >>> 3;
        long sum = sumOfEights(memory, offset, eights);
        long at = offset + (eights << 3);
        long end = offset + length;
        if (end - at >= 4) {
            sum += BigEndian.getInt(memory, at) & LOW_32;
            at += 4;
        }
        if (end - at >= 2) {
            sum += BigEndian.getShort(memory, at);
            at += 2;
        }
        return end > at ? sum + (BigEndian.getByte(memory, at) << 8) : sum;
    }

    /**
     * In the machine's byte order, which changes nothing but the order of the result's two bytes (RFC 1071, 2 B). Written so that the
     * JIT compiler makes vector instructions of it: counted by an int, one sum for each half.
     */
    private static long sumOfEights(MemorySegment memory, long offset, int eights) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < eights; i++) {
            long eight = memory.get(JAVA_LONG_UNALIGNED, offset + ((long) i << 3));
            // 2^32 and 1 are equal modulo 2^16 - 1: the halves may be added, and 2^31 of them before a long is full.
            low += eight & LOW_32;
            high += eight >>> 32;
        }
        int folded = ~complement(low + high) & LOW_16;
        return LITTLE_ENDIAN ? Short.reverseBytes((short) folded) & LOW_16 : folded;
    }

    /** The sum of a pseudo header (RFC 768); addresses as in the header. */
    public static long pseudoHeaderIpv4(int source, int destination, int protocol, int length) {
        return (source & LOW_32) + (destination & LOW_32) + protocol + length;
    }

    /** The sum of a pseudo header (RFC 8200, 8.1). */
    public static long pseudoHeaderIpv6(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int protocol, int length) {
        return halves(sourceHigh) + halves(sourceLow) + halves(destinationHigh) + halves(destinationLow) + protocol + length;
    }

    /** Folds a sum to 16 bits and complements it. */
    public static int complement(long sum) {
        long folded = (sum >>> 32) + (sum & LOW_32);
        folded = (folded >>> 16) + (folded & LOW_16);
        folded = (folded >>> 16) + (folded & LOW_16);
        folded = (folded >>> 16) + (folded & LOW_16);
        return (int) ~folded & LOW_16;
    }

    /** False where a sum, of which no more than 34 bits are used, is this one when folded to 16 bits, or could be: 0 and 65,535 are equal here. */
    public static boolean isOther(long sum, int folded) {
        long halves = halves(sum);
        int once = (int) (halves >>> 16) + (int) (halves & LOW_16);
        return once != folded & once != folded + LOW_16;
    }

    /** The checksum after a 16-bit word has changed (RFC 1624, equation 3; equation 4's -0 cannot come out). */
    public static int update16(int checksum, int before, int after) {
        int sum = (~checksum & LOW_16) + (~before & LOW_16) + (after & LOW_16);
        int folded = (sum >>> 16) + (sum & LOW_16);
        return ~(folded + (folded >>> 16)) & LOW_16;
    }

    /** The checksum after 32 bits, such as an IPv4 address, have changed. */
    public static int update32(int checksum, int before, int after) {
        return update(checksum, change32(before, after));
    }

    /** The checksum after 128 bits, such as an IPv6 address, have changed. */
    public static int update128(int checksum, long beforeHigh, long beforeLow, long afterHigh, long afterLow) {
        return update(checksum, change128(beforeHigh, beforeLow, afterHigh, afterLow));
    }

    /** What a change of 32 bits is to each checksum that covers them: ~m + m', 16 bits. */
    public static int change32(int before, int after) {
        return ~complement((~before & LOW_32) + (after & LOW_32)) & LOW_16;
    }

    /** What a change of 128 bits is to each checksum that covers them: ~m + m', 16 bits. */
    public static int change128(long beforeHigh, long beforeLow, long afterHigh, long afterLow) {
        return ~complement(halves(~beforeHigh) + halves(~beforeLow) + halves(afterHigh) + halves(afterLow)) & LOW_16;
    }

    /** HC' = ~(~HC + ~m + m') (RFC 1624, equation 3). @param change ~m + m' */
    public static int update(int checksum, int change) {
        int sum = (~checksum & LOW_16) + change;
        return ~((sum >>> 16) + (sum & LOW_16)) & LOW_16;
    }

    private static long halves(long value) {
        return (value >>> 32) + (value & LOW_32);
    }
}
