package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/**
 * The eight bytes that ICMP (RFC 792) and ICMPv6 (RFC 4443) messages begin with: type, code, checksum, and four bytes whose
 * meaning depends on the type. Types and codes are in {@link Icmpv4} and {@link Icmpv6}.
 */
public final class IcmpHeader {

    public static final int LENGTH = 8;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;
    private static final int REST = 4;

    private IcmpHeader() {
    }

    /** The one length check: true when {@code available} bytes hold the header. */
    public static boolean fits(int available) {
        return available >= LENGTH;
    }

    public static int type(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + TYPE);
    }

    public static void type(MemorySegment memory, long offset, int value) {
        BigEndian.putByte(memory, offset + TYPE, value);
    }

    public static int code(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + CODE);
    }

    /** Over the message; in ICMPv6 over its pseudo header too. */
    public static int checksum(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + CHECKSUM);
    }

    public static void checksum(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + CHECKSUM, value);
    }

    /** Of an echo. */
    public static int identifier(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + IDENTIFIER);
    }

    /** Of an echo. */
    public static int sequenceNumber(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + SEQUENCE_NUMBER);
    }

    /**
     * Writes all of the header, the checksum zero.
     *
     * @param rest the last four bytes: unused (0), identifier and sequence number, or the MTU of a "too big"
     */
    public static void write(MemorySegment memory, long offset, int type, int code, int rest) {
        type(memory, offset, type);
        BigEndian.putByte(memory, offset + CODE, code);
        checksum(memory, offset, 0);
        BigEndian.putInt(memory, offset + REST, rest);
    }
}
