package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** The end of an ESP payload (RFC 4303, 2.4 to 2.6): padding of 0 to 255 bytes 1, 2, 3, ..., its length, the next header. */
public final class EspTrailer {

    /** Pad length and next header. */
    public static final int LENGTH = 2;

    private static final int ALIGNMENT = 4;
    private static final int PAD_LENGTH = -2;
    private static final int NEXT_HEADER = -1;

    /** The bytes 1, 2, 3 (RFC 4303, 2.4), from the highest on. */
    private static final long PADDING = 0x0102_0300_0000_0000L;

    private EspTrailer() {
    }

    /** The least padding for a payload: 0 to 3 bytes. */
    public static int padding(int payloadLength) {
        return -(payloadLength + LENGTH) & ALIGNMENT - 1;
    }

    /**
     * Writes padding, pad length and next header at once, and zeroes behind them: {@link EspHeader#ICV_LENGTH} bytes are where the ICV will be.
     *
     * @param offset where the payload ends
     */
    public static void write(MemorySegment memory, long offset, int padding, int nextHeader) {
        int bits = padding * Byte.SIZE;
        long trailer = (long) (padding << Byte.SIZE | nextHeader) << Long.SIZE - LENGTH * Byte.SIZE - bits;
        BigEndian.putLong(memory, offset, PADDING & ~(-1L >>> bits) | trailer);
    }

    /** The one length check: true when {@code available} bytes that end at {@code end} hold the trailer and all padding it speaks of. */
    public static boolean fits(MemorySegment memory, long end, int available) {
        return available >= LENGTH && padLength(memory, end) <= available - LENGTH;
    }

    /** @param end behind the trailer */
    public static int padLength(MemorySegment memory, long end) {
        return BigEndian.getByte(memory, end + PAD_LENGTH);
    }

    /** @param end behind the trailer */
    public static int nextHeader(MemorySegment memory, long end) {
        return BigEndian.getByte(memory, end + NEXT_HEADER);
    }
}
