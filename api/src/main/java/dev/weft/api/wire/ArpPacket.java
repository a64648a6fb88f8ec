package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** ARP for IPv4 over Ethernet, RFC 826. 28 bytes; padding behind it is ignored. */
public final class ArpPacket {

    public static final int LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** Hardware type 1 (Ethernet), protocol type 0x0800 (IPv4), lengths 6 and 4: the first six bytes, always. */
    private static final int ETHERNET_IPV4 = 0x0001_0800;
    private static final int LENGTHS = 0x0604;

    private static final int HARDWARE_AND_PROTOCOL_TYPE = 0;
    private static final int ADDRESS_LENGTHS = 4;
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    private ArpPacket() {
    }

    /** The one length check: true when {@code available} bytes hold the packet. */
    public static boolean fits(int available) {
        return available >= LENGTH;
    }

    /** RFC 826, "Packet Reception": do I have the hardware type, do I speak the protocol, do the lengths agree. */
    public static boolean isEthernetIpv4(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + HARDWARE_AND_PROTOCOL_TYPE) == ETHERNET_IPV4
                && BigEndian.getShort(memory, offset + ADDRESS_LENGTHS) == LENGTHS;
    }

    /** {@link #REQUEST} or {@link #REPLY}. */
    public static int operation(MemorySegment memory, long offset) {
        return BigEndian.getShort(memory, offset + OPERATION);
    }

    public static long senderHardware(MemorySegment memory, long offset) {
        return BigEndian.getMac(memory, offset + SENDER_HARDWARE);
    }

    public static int senderProtocol(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + SENDER_PROTOCOL);
    }

    public static long targetHardware(MemorySegment memory, long offset) {
        return BigEndian.getMac(memory, offset + TARGET_HARDWARE);
    }

    public static int targetProtocol(MemorySegment memory, long offset) {
        return BigEndian.getInt(memory, offset + TARGET_PROTOCOL);
    }

    /** Writes a whole request; the target's hardware address, which nobody knows yet, is zero. */
    public static void writeRequest(MemorySegment memory, long offset, long senderHardware, int senderProtocol, int targetProtocol) {
        write(memory, offset, REQUEST, senderHardware, senderProtocol, 0, targetProtocol);
    }

    /** Writes a whole reply. */
    public static void writeReply(MemorySegment memory, long offset, long senderHardware, int senderProtocol,
                                  long targetHardware, int targetProtocol) {
        write(memory, offset, REPLY, senderHardware, senderProtocol, targetHardware, targetProtocol);
    }

    private static void write(MemorySegment memory, long offset, int operation, long senderHardware, int senderProtocol,
                              long targetHardware, int targetProtocol) {
        BigEndian.putInt(memory, offset + HARDWARE_AND_PROTOCOL_TYPE, ETHERNET_IPV4);
        BigEndian.putShort(memory, offset + ADDRESS_LENGTHS, LENGTHS);
        BigEndian.putShort(memory, offset + OPERATION, operation);
        BigEndian.putMac(memory, offset + SENDER_HARDWARE, senderHardware);
        BigEndian.putInt(memory, offset + SENDER_PROTOCOL, senderProtocol);
        BigEndian.putMac(memory, offset + TARGET_HARDWARE, targetHardware);
        BigEndian.putInt(memory, offset + TARGET_PROTOCOL, targetProtocol);
    }
}
