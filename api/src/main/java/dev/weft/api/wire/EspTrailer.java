package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** The end of an ESP payload (RFC 4303, 2.4 to 2.6): padding of 0 to 255 bytes 1, 2, 3, ..., its length, the next header. */
public final class EspTrailer {

    /** Pad length and next header. */
    public static final int LENGTH = 2;

    private static final int ALIGNMENT = 4;

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

    /** Pad length and next header in one read, of {@link #LENGTH} bytes whatever they are: {@link #fits} says. @param end behind the trailer */
    public static int whole(MemorySegment memory, long end) {
        return BigEndian.getShort(memory, end - LENGTH);
    }

    /** The one length check: true when {@code available} bytes, which end with the trailer, hold it and all padding it speaks of. */
    public static boolean fits(int whole, int available) {
        return padLength(whole) <= available - LENGTH;
    }

    public static int padLength(int whole) {
        return whole >>> Byte.SIZE;
    }

    public static int nextHeader(int whole) {
        return whole & 0xff;
    }
}
