package dev.weft.dpdk.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What stands before each frame of a tap that was opened with IFF_VNET_HDR: how far the other side has gone with checksum and
 * segmentation. {@code struct virtio_net_hdr} of linux/virtio_net.h, in the machine's byte order.
 */
final class VnetHeader {

    static final int LENGTH = 10;
    /** In {@link #flags}: the checksum at start + offset holds the sum of the pseudo header only. */
    static final int NEEDS_CSUM = 1;
    static final int GSO_NONE = 0;
    static final int GSO_TCPV4 = 1;
    static final int GSO_TCPV6 = 4;
    static final int GSO_UDP_L4 = 5;
    /** Or-ed to the TCP types: CWR is set in the first segment only. */
    static final int GSO_ECN = 0x80;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final int FLAGS = 0;
    private static final int GSO_TYPE = 1;
    private static final int HDR_LEN = 2;
    private static final int GSO_SIZE = 4;
    private static final int CSUM_START = 6;
    private static final int CSUM_OFFSET = 8;

    private VnetHeader() {
    }

    static int flags(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset + FLAGS) & 0xff;
    }

    static int gsoType(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset + GSO_TYPE) & 0xff;
    }

    /** Payload bytes of a segment. */
    static int gsoSize(MemorySegment memory, long offset) {
        return memory.get(SHORT, offset + GSO_SIZE) & 0xffff;
    }

    /** Bytes from the frame's front to where the checksum begins: the transport header. */
    static int csumStart(MemorySegment memory, long offset) {
        return memory.get(SHORT, offset + CSUM_START) & 0xffff;
    }

    /** Bytes from there to the checksum field. */
    static int csumOffset(MemorySegment memory, long offset) {
        return memory.get(SHORT, offset + CSUM_OFFSET) & 0xffff;
    }

    /** A frame that is complete. */
    static void writeNone(MemorySegment memory, long offset) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, 0L);
        memory.set(SHORT, offset + CSUM_OFFSET, (short) 0);
    }

    /** A super-frame whose checksum field holds the sum of the pseudo header. */
    static void writeGso(MemorySegment memory, long offset, int gsoType, int headerLength, int gsoSize, int csumStart, int csumOffset) {
        memory.set(ValueLayout.JAVA_BYTE, offset + FLAGS, (byte) NEEDS_CSUM);
        memory.set(ValueLayout.JAVA_BYTE, offset + GSO_TYPE, (byte) gsoType);
        memory.set(SHORT, offset + HDR_LEN, (short) headerLength);
        memory.set(SHORT, offset + GSO_SIZE, (short) gsoSize);
        memory.set(SHORT, offset + CSUM_START, (short) csumStart);
        memory.set(SHORT, offset + CSUM_OFFSET, (short) csumOffset);
    }
}
