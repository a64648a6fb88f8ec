package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** TCP, RFC 9293, 3.1. Twenty bytes and up to forty of options. */
public final class TcpHeader {

    public static final int MIN_LENGTH = 20;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int CWR = 0x80;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE_NUMBER = 4;
    private static final int ACKNOWLEDGMENT_NUMBER = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    /** Where the checksum stands. */
    public static final int CHECKSUM = 16;

    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_MSS = 2;
    private static final int MSS_OPTION_LENGTH = 4;

    /** What {@link #findMss} says when there is none. */
    public static final int NO_MSS = -1;

    private TcpHeader() {
    }

    /** The one length check: true when {@code available} bytes hold the header with its options. */
    public static boolean fits(MemorySegment memory, long offset, int available) {
        return available >= MIN_LENGTH && headerLength(memory, offset) >= MIN_LENGTH && headerLength(memory, offset) <= available;
    }

    public static int sourcePort(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + SOURCE_PORT);
    }

    public static void sourcePort(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + SOURCE_PORT, value);
    }

    public static int destinationPort(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + DESTINATION_PORT);
    }

    public static void destinationPort(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + DESTINATION_PORT, value);
    }

    public static int sequenceNumber(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + SEQUENCE_NUMBER);
    }

    public static void sequenceNumber(MemorySegment memory, long offset, int value) {
        BigEndian.putInt(memory, offset + SEQUENCE_NUMBER, value);
    }

    public static int acknowledgmentNumber(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + ACKNOWLEDGMENT_NUMBER);
    }

    public static void acknowledgmentNumber(MemorySegment memory, long offset, int value) {
        BigEndian.putInt(memory, offset + ACKNOWLEDGMENT_NUMBER, value);
    }

    /** In bytes: four times the data offset field. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (BigEndian.getByte(memory, offset + DATA_OFFSET) >>> 4) * 4;
    }

    /** {@link #SYN} and its like, or-ed. */
    public static int flags(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + FLAGS);
    }

    public static void flags(MemorySegment memory, long offset, int value) {
        BigEndian.putByte(memory, offset + FLAGS, value);
    }

    public static int window(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + WINDOW);
    }

    public static int checksum(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + CHECKSUM);
    }

    public static void checksum(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + CHECKSUM, value);
    }

    /** Writes a header without options or data (for a RST, say); window and checksum are zero. */
    public static void write(MemorySegment memory, long offset, int sourcePort, int destinationPort, int sequenceNumber,
                             int acknowledgmentNumber, int flags) {
        sourcePort(memory, offset, sourcePort);
        destinationPort(memory, offset, destinationPort);
        sequenceNumber(memory, offset, sequenceNumber);
        acknowledgmentNumber(memory, offset, acknowledgmentNumber);
        BigEndian.putByte(memory, offset + DATA_OFFSET, MIN_LENGTH / 4 << 4);
        BigEndian.putByte(memory, offset + FLAGS, flags);
        BigEndian.putInt(memory, offset + WINDOW, 0);
        BigEndian.putShort(memory, offset + CHECKSUM + 2, 0);
    }

    /**
     * Walks the options to the maximum segment size (RFC 9293, 3.7.1).
     *
     * @return bytes from {@code offset} to its 16-bit value, or {@link #NO_MSS}; a malformed option ends the walk
     */
    public static int findMss(MemorySegment memory, long offset) {
        int end = headerLength(memory, offset);
        int at = MIN_LENGTH;
        while (at < end) {
            int kind = BigEndian.getByte(memory, offset + at);
            if (kind == OPTION_NOP) {
                at++;
                continue;
            }
            if (kind == OPTION_END || end - at < 2) {
                return NO_MSS;
            }
            int length = BigEndian.getByte(memory, offset + at + 1);
            if (length < 2 || length > end - at) {
                return NO_MSS;
            }
            if (kind == OPTION_MSS && length == MSS_OPTION_LENGTH) {
                return at + 2;
            }
            at += length;
        }
        return NO_MSS;
    }
}
