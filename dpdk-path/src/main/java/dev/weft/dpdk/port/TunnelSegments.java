package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.VxlanHeader;
import java.lang.foreign.MemorySegment;

/**
 * Splits a VXLAN payload that holds a TCP super-frame. A kernel VXLAN interface leaves segmentation to the device below it, and a
 * virtual one (veth) leaves it undone: the socket then gets one datagram of up to 64 kB, longer than any on a wire. What TSO would
 * have done is done here. One super-frame at a time, one thread.
 */
final class TunnelSegments {

    private static final int ETHERNET = VxlanHeader.LENGTH;
    private static final int IP = ETHERNET + EthernetHeader.LENGTH;

    private final Segmentation segments = new Segmentation();
    private MemorySegment from;
    private long start;
    private boolean ipv4;
    private int tcp;

    /**
     * Begins with a super-frame.
     *
     * @param offset  of the VXLAN header
     * @param length  of the datagram
     * @param maximum bytes of a datagram after the split
     * @return false when it is none: no TCP, or damaged
     */
    boolean begin(MemorySegment memory, long offset, int length, int maximum) {
        from = memory;
        start = offset;
        segments.clear();
        int available = length - IP;
        if (available < Ipv6Header.LENGTH) {
            return false;
        }
        int etherType = EthernetHeader.etherType(memory, offset + ETHERNET);
        ipv4 = etherType == EthernetHeader.ETHER_TYPE_IPV4;
        boolean isTcp = ipv4 ? isTcpOverIpv4(available) : etherType == EthernetHeader.ETHER_TYPE_IPV6 && isTcpOverIpv6(available);
        if (!isTcp || !TcpHeader.fits(memory, offset + tcp, transportLength()) || !isChecksumGood()) {
            return false;
        }
        int segment = maximum - tcp - TcpHeader.headerLength(memory, offset + tcp);
        return segment > 0 && segments.begin(memory, offset, IP, tcp, tcp + transportLength(), segment, true);
    }

    private boolean isTcpOverIpv4(int available) {
        long ip = start + IP;
        tcp = IP + Ipv4Header.headerLength(from, ip);
        return Ipv4Header.fits(from, ip, available) && Ipv4Header.version(from, ip) == Ipv4Header.VERSION
                && Ipv4Header.protocol(from, ip) == IpProtocol.TCP && !Ipv4Header.isFragment(from, ip);
    }

    /** Kernels make no super-frames with extension headers. */
    private boolean isTcpOverIpv6(int available) {
        long ip = start + IP;
        tcp = IP + Ipv6Header.LENGTH;
        return Ipv6Header.fits(from, ip, available) && Ipv6Header.nextHeader(from, ip) == IpProtocol.TCP;
    }

    private int transportLength() {
        return ipv4 ? Ipv4Header.totalLength(from, start + IP) - (tcp - IP) : Ipv6Header.payloadLength(from, start + IP);
    }

    /** Whole, or left to hardware as the bare sum of the pseudo header: a damaged one must not get a good checksum from us. */
    private boolean isChecksumGood() {
        int field = BigEndian.getShort(from, start + tcp + TcpHeader.CHECKSUM);
        long pseudo = pseudoHeader(from, start + IP, transportLength());
        return InternetChecksum.complement(pseudo) == (~field & 0xffff)
                || InternetChecksum.complement(pseudo + InternetChecksum.sum(from, start + tcp, transportLength())) == 0;
    }

    private long pseudoHeader(MemorySegment memory, long ip, int length) {
        return ipv4 ? InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), IpProtocol.TCP, length)
                : InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                        Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), IpProtocol.TCP, length);
    }

    boolean hasNext() {
        return segments.hasNext();
    }

    /**
     * Writes the next datagram's payload.
     *
     * @return its length
     */
    int next(MemorySegment to, long offset) {
        return segments.next(to, offset);
    }
}
