package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one read of a tap brought, handed out as frames that are complete: a super-frame of TCP (TSO) or UDP (USO) as its segments,
 * anything else as one frame, and the checksum filled in. Used by the poller's thread alone; allocates nothing.
 */
final class TapFrames {

    /** A header of {@link VnetHeader}, and the longest super-frame: 64 kB of IP. */
    static final int CAPACITY = VnetHeader.LENGTH + EthernetHeader.LENGTH + 65_535;

    private static final int FRAME = VnetHeader.LENGTH;
    private static final int IP = EthernetHeader.LENGTH;

    private final MemorySegment memory = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    private final Segmentation segments = new Segmentation();
    /** Bytes of the frame, without the header before it; 0 when it has been handed out. */
    private int length;

    /** Where the tap's next frame is to be read to: {@link #CAPACITY} bytes. */
    MemorySegment memory() {
        return memory;
    }

    /** @param read bytes that the tap gave, its header among them */
    void begin(int read) {
        length = read - FRAME;
        if (!beginSegments()) {
            segments.clear();
            complete();
        }
    }

    /** @return false when this is no super-frame, or cannot be segmented: it is then one frame, too long for everybody, and dropped as such */
    private boolean beginSegments() {
        int gsoType = VnetHeader.gsoType(memory, 0) & ~VnetHeader.GSO_ECN;
        boolean tcp = gsoType == VnetHeader.GSO_TCPV4 || gsoType == VnetHeader.GSO_TCPV6;
        int transport = VnetHeader.csumStart(memory, 0);
        int segment = VnetHeader.gsoSize(memory, 0);
        return (tcp || gsoType == VnetHeader.GSO_UDP_L4) && segment > 0 && transport >= IP + Ipv4Header.MIN_LENGTH
                && length - transport >= TcpHeader.MIN_LENGTH && (!tcp || TcpHeader.fits(memory, FRAME + transport, length - transport))
                && segments.begin(memory, FRAME, IP, transport, length, segment, tcp);
    }

    /** Fills in the checksum that the kernel left to hardware. */
    private void complete() {
        int start = VnetHeader.csumStart(memory, 0);
        int field = start + VnetHeader.csumOffset(memory, 0);
        if ((VnetHeader.flags(memory, 0) & VnetHeader.NEEDS_CSUM) == 0 || length - field < 2) {
            return;
        }
        // The field holds the sum of the pseudo header, so summing over it adds that.
        int checksum = InternetChecksum.of(memory, FRAME + start, length - start);
        boolean udp = VnetHeader.csumOffset(memory, 0) == UdpHeader.CHECKSUM;
        BigEndian.putShort(memory, FRAME + field, udp ? InternetChecksum.asUdp(checksum) : checksum);
    }

    boolean hasNext() {
        return length > 0;
    }

    /**
     * Whether so many frames are all that there are, or the first ones have been handed out before: the segments of a super-frame stay together
     * on their way to the socket then, which sends them at once.
     */
    boolean fits(int room) {
        return segments.isUnderWay() || segments.left() <= room;
    }

    /**
     * Writes the next frame.
     *
     * @param room bytes that there are for it; what is longer is cut, and dropped by the stage that compares lengths
     * @return its length
     */
    int next(MemorySegment target, long offset, int room) {
        if (segments.hasNext() && segments.longest() <= room) {
            int written = segments.next(target, offset);
            length = segments.hasNext() ? length : 0;
            return written;
        }
        int cut = Math.min(length, room);
        MemorySegment.copy(memory, FRAME, target, offset, cut);
        length = 0;
        return cut;
    }
}
