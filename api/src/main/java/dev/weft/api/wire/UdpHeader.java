package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** UDP, RFC 768. Eight bytes: source port, destination port, length (header and data), checksum. */
public final class UdpHeader {

    public static final int LENGTH = 8;
    /** RFC 7348, section 5: the port IANA assigned to VXLAN. */
    public static final int VXLAN_PORT = 4789;
    /** RFC 3948, section 2.1: the port of ESP in UDP. */
    public static final int ESP_PORT = 4500;

    private static final long LOW_16 = 0xffff;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int UDP_LENGTH = 4;
    /** Where the checksum stands. */
    public static final int CHECKSUM = 6;

    private UdpHeader() {
    }

    /** The one length check: true when {@code available} bytes hold the header and all that its length field promises. */
    public static boolean fits(MemorySegment memory, long offset, int available) {
        return available >= LENGTH && fits(whole(memory, offset), available);
    }

    /** All of the header in one read, for who wants several fields of it; there have to be {@link #LENGTH} bytes. */
    public static long whole(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset);
    }

    /** True when {@code available} bytes, at least {@link #LENGTH}, hold all that the length field promises. */
    public static boolean fits(long whole, int available) {
        int length = length(whole);
        return length >= LENGTH && length <= available;
    }

    public static int destinationPort(long whole) {
        return (int) (whole >>> 32 & LOW_16);
    }

    /** Header and data, in bytes. */
    public static int length(long whole) {
        return (int) (whole >>> 16 & LOW_16);
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

    /** Header and data, in bytes. */
    public static int length(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + UDP_LENGTH);
    }

    public static void length(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + UDP_LENGTH, value);
    }

    /** 0 means that the sender made none (allowed on IPv4, and by RFC 6935 for tunnels on IPv6). */
    public static int checksum(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + CHECKSUM);
    }

    public static void checksum(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + CHECKSUM, value);
    }

    /**
     * Writes all of the header in one store, the checksum zero.
     *
     * @param length header and data, in bytes
     */
    public static void write(MemorySegment memory, long offset, int sourcePort, int destinationPort, int length) {
        BigEndian.putLong(memory, offset, (sourcePort & LOW_16) << 48 | (destinationPort & LOW_16) << 32 | (length & LOW_16) << 16);
    }
}
