package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
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
    /** Flags that only the last segment has. */
    private static final int FIN_AND_PSH = TcpHeader.FIN | TcpHeader.PSH;

    private final MemorySegment memory = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    /** Bytes of the frame, without the header before it. */
    private int length;
    /** Payload bytes handed out, and of all; of a frame that is no super-frame one stands for it. */
    private int done;
    private int all;
    private boolean segmented;
    private boolean tcp;
    private int transport;
    private int headers;
    private int segment;

    /** Where the tap's next frame is to be read to: {@link #CAPACITY} bytes. */
    MemorySegment memory() {
        return memory;
    }

    /** @param read bytes that the tap gave, its header among them */
    void begin(int read) {
        length = read - FRAME;
        done = 0;
        int gsoType = VnetHeader.gsoType(memory, 0) & ~VnetHeader.GSO_ECN;
        tcp = gsoType == VnetHeader.GSO_TCPV4 || gsoType == VnetHeader.GSO_TCPV6;
        segmented = (tcp || gsoType == VnetHeader.GSO_UDP_L4) && findHeaders();
        if (!segmented) {
            all = 1;
            complete();
        }
    }

    /** @return false when this cannot be segmented: it is then one frame, too long for everybody, and dropped as such */
    private boolean findHeaders() {
        transport = VnetHeader.csumStart(memory, 0);
        segment = VnetHeader.gsoSize(memory, 0);
        if (transport < IP + Ipv4Header.MIN_LENGTH || length - transport < TcpHeader.MIN_LENGTH || segment == 0) {
            return false;
        }
        headers = transport + (tcp ? TcpHeader.headerLength(memory, FRAME + transport) : UdpHeader.LENGTH);
        all = length - headers;
        return all > 0;
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
        return done < all;
    }

    /** Forgets the rest. */
    void clear() {
        all = 0;
        done = 0;
    }

    /**
     * Writes the next frame.
     *
     * @param room bytes that there are for it; what is longer is cut, and dropped by the stage that compares lengths
     * @return its length
     */
    int next(MemorySegment target, long offset, int room) {
        if (!segmented || headers + segment > room) {
            clear();
            int cut = Math.min(length, room);
            MemorySegment.copy(memory, FRAME, target, offset, cut);
            return cut;
        }
        int payload = Math.min(segment, all - done);
        MemorySegment.copy(memory, FRAME, target, offset, headers);
        MemorySegment.copy(memory, FRAME + headers + done, target, offset + headers, payload);
        finishIp(target, offset, payload);
        if (tcp) {
            finishTcp(target, offset + transport, payload);
        } else {
            UdpHeader.length(target, offset + transport, UdpHeader.LENGTH + payload);
        }
        finishChecksum(target, offset, payload);
        done += payload;
        return headers + payload;
    }

    private void finishIp(MemorySegment target, long offset, int payload) {
        long ip = offset + IP;
        if (isIpv4(target, ip)) {
            Ipv4Header.totalLength(target, ip, headers - IP + payload);
            Ipv4Header.identification(target, ip, Ipv4Header.identification(target, ip) + done / segment);
            Ipv4Header.fillChecksum(target, ip);
        } else {
            Ipv6Header.payloadLength(target, ip, headers - IP - Ipv6Header.LENGTH + payload);
        }
    }

    /** As tcp_gso_segment does: FIN and PSH in the last segment only, CWR in the first only (RFC 3168, 6.1.2). */
    private void finishTcp(MemorySegment target, long header, int payload) {
        TcpHeader.sequenceNumber(target, header, TcpHeader.sequenceNumber(target, header) + done);
        int flags = TcpHeader.flags(target, header);
        if (done + payload < all) {
            flags &= ~FIN_AND_PSH;
        }
        if (done > 0) {
            flags &= ~TcpHeader.CWR;
        }
        TcpHeader.flags(target, header, flags);
    }

    private void finishChecksum(MemorySegment target, long offset, int payload) {
        long ip = offset + IP;
        long header = offset + transport;
        int bytes = headers - transport + payload;
        int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        long field = header + (tcp ? TcpHeader.CHECKSUM : UdpHeader.CHECKSUM);
        BigEndian.putShort(target, field, 0);
        int checksum = isIpv4(target, ip) ? InternetChecksum.ofTransportIpv4(target, ip, protocol, header, bytes)
                : InternetChecksum.ofTransportIpv6(target, ip, protocol, header, bytes);
        BigEndian.putShort(target, field, tcp ? checksum : InternetChecksum.asUdp(checksum));
    }

    private static boolean isIpv4(MemorySegment target, long ip) {
        return Ipv4Header.version(target, ip) == Ipv4Header.VERSION;
    }
}
