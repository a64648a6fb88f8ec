package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** IPv4, RFC 791, 3.1. Twenty bytes and up to forty of options. */
public final class Ipv4Header {

    public static final int MIN_LENGTH = 20;
    public static final int VERSION = 4;

    /** Flags and fragment offset share sixteen bits. */
    public static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;
    private static final int VERSION_4_IHL_5 = 0x45;

    private static final int VERSION_AND_IHL = 0;
    private static final int TYPE_OF_SERVICE = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_AND_FRAGMENT_OFFSET = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int HEADER_CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    private Ipv4Header() {
    }

    /** The one length check: true when {@code available} bytes hold the header with its options and all of the total length. */
    public static boolean fits(MemorySegment memory, long offset, int available) {
        return available >= MIN_LENGTH && fits(front(memory, offset), available);
    }

    /**
     * Bytes 0 to 7 in one read, for who wants several of version, header length, total length and fragmentation: a read has a check of its own.
     * There have to be {@link #MIN_LENGTH} bytes.
     */
    public static long front(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset);
    }

    /** True when {@code available} bytes, at least {@link #MIN_LENGTH}, hold the header with its options and all of the total length. */
    public static boolean fits(long front, int available) {
        int headerLength = headerLength(front);
        int totalLength = totalLength(front);
        return headerLength >= MIN_LENGTH && headerLength <= totalLength && totalLength <= available;
    }

    public static int version(long front) {
        return (int) (front >>> 60);
    }

    /** In bytes: four times the IHL field. */
    public static int headerLength(long front) {
        return (int) (front >>> 56 & 0x0f) * 4;
    }

    /** Header and payload, in bytes. */
    public static int totalLength(long front) {
        return (int) (front >>> 32 & 0xffff);
    }

    /** True for every piece of a fragmented packet, the first one too. */
    public static boolean isFragment(long front) {
        return (front & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    /** True when there is no transport header: the piece is not the first one of its packet. */
    public static boolean isLaterFragment(long front) {
        return (front & FRAGMENT_OFFSET_MASK) != 0;
    }

    /** Bytes 8 to 15 in one read: time to live, protocol, checksum, source. */
    public static long middle(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + TIME_TO_LIVE);
    }

    /** One of {@link IpProtocol}. */
    public static int protocol(long middle) {
        return (int) (middle >>> 48 & 0xff);
    }

    public static int source(long middle) {
        return (int) middle;
    }

    public static int version(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + VERSION_AND_IHL) >>> 4;
    }

    /** In bytes: four times the IHL field. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (BigEndian.getByte(memory, offset + VERSION_AND_IHL) & 0x0f) * 4;
    }

    /** DSCP and ECN (RFC 2474, RFC 3168). */
    public static int typeOfService(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + TYPE_OF_SERVICE);
    }

    /** Header and payload, in bytes. */
    public static int totalLength(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + TOTAL_LENGTH);
    }

    public static void totalLength(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + TOTAL_LENGTH, value);
    }

    public static int identification(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + IDENTIFICATION);
    }

    public static void identification(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + IDENTIFICATION, value);
    }

    public static boolean dontFragment(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & DONT_FRAGMENT) != 0;
    }

    /** True for every piece of a fragmented packet, the first one too. */
    public static boolean isFragment(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    /** Of the payload in the whole packet, in bytes; only at 0 there is a transport header. */
    public static int fragmentOffset(MemorySegment memory, long offset) {
        return (flagsAndFragmentOffset(memory, offset) & FRAGMENT_OFFSET_MASK) * 8;
    }

    private static int flagsAndFragmentOffset(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + FLAGS_AND_FRAGMENT_OFFSET);
    }

    public static int timeToLive(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + TIME_TO_LIVE);
    }

    public static void timeToLive(MemorySegment memory, long offset, int value) {
        BigEndian.putByte(memory, offset + TIME_TO_LIVE, value);
    }

    /** One of {@link IpProtocol}. */
    public static int protocol(MemorySegment memory, long offset) {
        return BigEndian.getByte(memory, offset + PROTOCOL);
    }

    public static int headerChecksum(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + HEADER_CHECKSUM);
    }

    public static void headerChecksum(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + HEADER_CHECKSUM, value);
    }

    public static int source(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + SOURCE);
    }

    public static void source(MemorySegment memory, long offset, int value) {
        BigEndian.putInt(memory, offset + SOURCE, value);
    }

    public static int destination(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + DESTINATION);
    }

    public static void destination(MemorySegment memory, long offset, int value) {
        BigEndian.putInt(memory, offset + DESTINATION, value);
    }

    /** Over the header alone, options included. */
    public static boolean isChecksumValid(MemorySegment memory, long offset) {
        return checksum(memory, offset) == 0;
    }

    /** The same of a header whose first two words have been read. */
    public static boolean isChecksumValid(MemorySegment memory, long offset, long front, long middle) {
        return headerLength(front) == MIN_LENGTH ? InternetChecksum.isZeroOfTwenty(front, middle, destination(memory, offset))
                : isChecksumValid(memory, offset);
    }

    private static int checksum(MemorySegment memory, long offset) {
        int length = headerLength(memory, offset);
        return length == MIN_LENGTH ? InternetChecksum.ofTwenty(memory, offset) : InternetChecksum.of(memory, offset, length);
    }

    /** Computes the header checksum anew. */
    public static void fillChecksum(MemorySegment memory, long offset) {
        headerChecksum(memory, offset, 0);
        headerChecksum(memory, offset, checksum(memory, offset));
    }

    /**
     * Writes a header without options, checksum included.
     *
     * @param flags {@link #DONT_FRAGMENT} or 0
     */
    public static void write(MemorySegment memory, long offset, int totalLength, int identification, int flags, int timeToLive,
                             int protocol, int source, int destination) {
        BigEndian.putByte(memory, offset + VERSION_AND_IHL, VERSION_4_IHL_5);
        BigEndian.putByte(memory, offset + TYPE_OF_SERVICE, 0);
        totalLength(memory, offset, totalLength);
        identification(memory, offset, identification);
        BigEndian.putShort(memory, offset + FLAGS_AND_FRAGMENT_OFFSET, flags);
        timeToLive(memory, offset, timeToLive);
        BigEndian.putByte(memory, offset + PROTOCOL, protocol);
        source(memory, offset, source);
        destination(memory, offset, destination);
        fillChecksum(memory, offset);
    }
}
