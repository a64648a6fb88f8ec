package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/**
 * ESP (RFC 4303, 2) with the explicit IV of AES-GCM (RFC 4106, 3.1): SPI 4, sequence number 4 (the low half of an extended one), IV 8,
 * encrypted payload with its trailer, ICV 16.
 */
public final class EspHeader {

    /** SPI, sequence number and IV. */
    public static final int LENGTH = 16;
    public static final int ICV_LENGTH = 16;
    /** RFC 4303, 2.1: an SPI below is reserved, 0 is never on the wire. */
    public static final int FIRST_SPI = 256;
    /** SPI and extended sequence number, RFC 4106, 5. */
    public static final int AAD_LENGTH = 12;
    /** RFC 3948, 2.2: four zeroes where an SPI would be say that a datagram at the port of ESP in UDP is none. */
    public static final int NON_ESP_MARKER = 0;
    /** RFC 3948, 2.3: a datagram of this one byte keeps a translator's mapping alive and means nothing. */
    public static final int NAT_KEEPALIVE = 0xff;

    private static final int SPI = 0;
    private static final int SEQUENCE = 4;
    private static final int IV = 8;
    private static final int ALIGNMENT = 4;

    private EspHeader() {
    }

    /** The one length check: true when {@code available} bytes hold header, ICV, and between them at least a trailer. */
    public static boolean fits(int available) {
        return available >= LENGTH + ALIGNMENT + ICV_LENGTH;
    }

    /** RFC 4303, 2.4: padding, pad length and next header end at a multiple of four bytes. */
    public static boolean isAligned(int available) {
        return available % ALIGNMENT == 0;
    }

    /** Unsigned. */
    public static int spi(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + SPI);
    }

    public static void spi(MemorySegment memory, long offset, int value) {
        BigEndian.putInt(memory, offset + SPI, value);
    }

    /** The low half of the extended sequence number, unsigned. */
    public static int sequence(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + SEQUENCE);
    }

    public static long iv(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + IV);
    }

    public static void iv(MemorySegment memory, long offset, long value) {
        BigEndian.putLong(memory, offset + IV, value);
    }

    /** Where {@link #putAad} puts the additional authenticated data of a header. */
    public static long aad(long offset) {
        return offset - Integer.BYTES;
    }

    /**
     * Lays SPI and extended sequence number over the header, beginning in the four bytes before it: the low half stands where it does
     * on the wire, the high half in place of the SPI, which is written there afterwards. So the data is in one piece and is not copied.
     */
    public static void putAad(MemorySegment memory, long offset, int spi, long extendedSequence) {
        BigEndian.putInt(memory, aad(offset), spi);
        BigEndian.putLong(memory, offset, extendedSequence);
    }
}
