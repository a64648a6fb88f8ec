package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** Ethernet II, IEEE 802.3 clause 3. Fourteen bytes: destination, source, EtherType. MACs are 48 bits in a long. */
public final class EthernetHeader {

    public static final int LENGTH = 14;

    public static final int ETHER_TYPE_IPV4 = 0x0800;
    public static final int ETHER_TYPE_ARP = 0x0806;
    public static final int ETHER_TYPE_IPV6 = 0x86dd;
    /** A VLAN tag (IEEE 802.1Q, 9.5), and that of a provider before it. */
    public static final int ETHER_TYPE_VLAN = 0x8100;
    public static final int ETHER_TYPE_SERVICE_VLAN = 0x88a8;

    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final long GROUP_BIT = 0x0100_0000_0000L;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int ETHER_TYPE = 12;

    private EthernetHeader() {
    }

    /** The one length check: true when {@code available} bytes hold the header. */
    public static boolean fits(int available) {
        return available >= LENGTH;
    }

    public static long destination(MemorySegment memory, long offset) {
        return mac(memory, offset + DESTINATION);
    }

    public static void destination(MemorySegment memory, long offset, long value) {
        BigEndian.putMac(memory, offset + DESTINATION, value);
    }

    public static long source(MemorySegment memory, long offset) {
        return mac(memory, offset + SOURCE);
    }

    /** In one read: behind either MAC there are two more bytes of the header. */
    private static long mac(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset) >>> Short.SIZE;
    }

    public static void source(MemorySegment memory, long offset, long value) {
        BigEndian.putMac(memory, offset + SOURCE, value);
    }

    /** The last eight bytes in one read, for who compares them with those of another frame. */
    public static long sourceAndType(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset + SOURCE);
    }

    public static int etherType(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + ETHER_TYPE);
    }

    public static void etherType(MemorySegment memory, long offset, int value) {
        BigEndian.putShort(memory, offset + ETHER_TYPE, value);
    }

    /** Writes all of the header. */
    public static void write(MemorySegment memory, long offset, long destination, long source, int etherType) {
        destination(memory, offset, destination);
        source(memory, offset, source);
        etherType(memory, offset, etherType);
    }

    /** True for group addresses, broadcast among them (IEEE 802-2014, 8.2.2: the I/G bit). */
    public static boolean isMulticast(long mac) {
        return (mac & GROUP_BIT) != 0;
    }
}
