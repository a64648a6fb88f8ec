package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** IPv6, RFC 8200, 3. Forty bytes; extension headers are walked by {@link Ipv6Extensions}. An address is two longs. */
public final class Ipv6Header {

    public static final int LENGTH = 40;
    public static final int VERSION = 6;

    private static final int FLOW_LABEL_MASK = 0xf_ffff;

    private static final int VERSION_CLASS_LABEL = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    private Ipv6Header() {
    }

    /** The one length check: true when {@code available} bytes hold the header and all of the payload length. */
    public static boolean fits(MemorySegment memory, long offset, int available) {
        return available >= LENGTH && LENGTH + payloadLength(memory, offset) <= available;
    }

    public static int version(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + VERSION_CLASS_LABEL) >>> 4;
    }

    /** DSCP and ECN (RFC 2474, RFC 3168). */
    public static int trafficClass(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + VERSION_CLASS_LABEL) >>> 4 & 0xff;
    }

    /** Twenty bits. */
    public static int flowLabel(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + VERSION_CLASS_LABEL) & FLOW_LABEL_MASK;
    }

    /** What follows the forty bytes, extension headers included. */
    public static int payloadLength(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + PAYLOAD_LENGTH);
    }

    public static void payloadLength(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + PAYLOAD_LENGTH, value);
    }

    /** One of {@link IpProtocol}; of the first extension header if there is one. */
    public static int nextHeader(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + NEXT_HEADER);
    }

    public static int hopLimit(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + HOP_LIMIT);
    }

    public static void hopLimit(MemorySegment memory, long offset, int value) {
        BigEndian.putByte(memory, offset + HOP_LIMIT, value);
    }

    public static long sourceHigh(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + SOURCE);
    }

    public static long sourceLow(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + SOURCE + 8);
    }

    public static void source(MemorySegment memory, long offset, long high, long low) {
        BigEndian.putLong(memory, offset + SOURCE, high);
        BigEndian.putLong(memory, offset + SOURCE + 8, low);
    }

    public static long destinationHigh(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + DESTINATION);
    }

    public static long destinationLow(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + DESTINATION + 8);
    }

    public static void destination(MemorySegment memory, long offset, long high, long low) {
        BigEndian.putLong(memory, offset + DESTINATION, high);
        BigEndian.putLong(memory, offset + DESTINATION + 8, low);
    }

    /** Writes the first eight bytes: traffic class and flow label are zero. Addresses are set apart. */
    public static void write(MemorySegment memory, long offset, int payloadLength, int nextHeader, int hopLimit) {
        BigEndian.putInt(memory, offset + VERSION_CLASS_LABEL, VERSION << 28);
        payloadLength(memory, offset, payloadLength);
        BigEndian.putByte(memory, offset + NEXT_HEADER, nextHeader);
        hopLimit(memory, offset, hopLimit);
    }
}
