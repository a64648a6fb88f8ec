package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/** A frame of a burst as a part of a super-frame: TCP or UDP without IP options, extension headers and fragments. */
final class InnerSegment {

    /** No such frame. */
    static final int NONE = -1;
    static final int IP = EthernetHeader.LENGTH;

    private static final int IPV4_TRANSPORT = IP + Ipv4Header.MIN_LENGTH;
    private static final int IHL_5 = 0x45;
    /** More fragments, and the offset. */
    private static final int FRAGMENT = 0x3fff;
    /** TCP's data offset, flags and window, without PSH: what has to be the same. */
    private static final int SAME_WORD = 0xfff7_ffff;

    private InnerSegment() {
    }

    /** Bytes of data; {@link #NONE} for UDP without a checksum, which nobody could verify. @param transport as {@link #findTransport} said */
    static int payload(Burst burst, int i, int transport, boolean tcp) {
        long header = burst.offset[i] + transport;
        int available = burst.length[i] - transport;
        if (tcp) {
            return TcpHeader.fits(burst.memory(), header, available) ? available - TcpHeader.headerLength(burst.memory(), header) : NONE;
        }
        return UdpHeader.fits(burst.memory(), header, available) && UdpHeader.length(burst.memory(), header) == available
                && UdpHeader.checksum(burst.memory(), header) != 0 ? available - UdpHeader.LENGTH : NONE;
    }

    /** Bytes before the header of TCP or UDP, when the IP header before that agrees with the frame's length; or {@link #NONE}. */
    static int findTransport(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
        int available = burst.length[i] - IP;
        int etherType = available < Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH ? 0 : EthernetHeader.etherType(memory, burst.offset[i]);
        if (etherType == EthernetHeader.ETHER_TYPE_IPV4) {
            return BigEndian.getByte(memory, ip) == IHL_5 && isTransport(Ipv4Header.protocol(memory, ip))
                    && (BigEndian.getShort(memory, ip + 6) & FRAGMENT) == 0 && Ipv4Header.totalLength(memory, ip) == available
                    ? IPV4_TRANSPORT : NONE;
        }
        return etherType == EthernetHeader.ETHER_TYPE_IPV6 && available >= Ipv6Header.LENGTH && isTransport(Ipv6Header.nextHeader(memory, ip))
                && Ipv6Header.payloadLength(memory, ip) == available - Ipv6Header.LENGTH ? IP + Ipv6Header.LENGTH : NONE;
    }

    private static boolean isTransport(int protocol) {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
    }

    static boolean isIpv4(Burst burst, int i) {
        return EthernetHeader.etherType(burst.memory(), burst.offset[i]) == EthernetHeader.ETHER_TYPE_IPV4;
    }

    static int protocol(Burst burst, int i) {
        long ip = burst.offset[i] + IP;
        return isIpv4(burst, i) ? Ipv4Header.protocol(burst.memory(), ip) : Ipv6Header.nextHeader(burst.memory(), ip);
    }

    static boolean isTcp(Burst burst, int i) {
        return protocol(burst, i) == IpProtocol.TCP;
    }

    /** Whether two segments of one protocol have the same addresses and ports. @param transport bytes before it in both */
    static boolean isSameFlow(Burst burst, int a, int b, int transport) {
        MemorySegment memory = burst.memory();
        long one = burst.offset[a];
        long other = burst.offset[b];
        return BigEndian.getInt(memory, one + transport) == BigEndian.getInt(memory, other + transport) && (transport == IPV4_TRANSPORT
                ? BigEndian.getLong(memory, one + IP + 12) == BigEndian.getLong(memory, other + IP + 12)
                : isSame(memory, one + IP + 8, other + IP + 8, 32));
    }

    /**
     * Whether a frame may follow in a super-frame that has this first one, and so much data so far; of one flow already.
     *
     * @param transport bytes before it in both
     * @param headers   bytes of all headers in both
     */
    static boolean continues(Burst burst, int first, int i, int transport, int headers, boolean tcp, int payloadBefore) {
        MemorySegment memory = burst.memory();
        long one = burst.offset[first];
        long other = burst.offset[i];
        // Both MACs, 12 bytes.
        return BigEndian.getLong(memory, one) == BigEndian.getLong(memory, other)
                && BigEndian.getInt(memory, one + 8) == BigEndian.getInt(memory, other + 8)
                && isSameIp(memory, one + IP, other + IP, transport == IPV4_TRANSPORT)
                && (!tcp || continuesTcp(memory, one + transport, other + transport, headers - transport, payloadBefore));
    }

    private static boolean continuesTcp(MemorySegment memory, long one, long other, int length, int payloadBefore) {
        return (TcpHeader.flags(memory, other) & ~TcpHeader.PSH) == TcpHeader.ACK
                && TcpHeader.sequenceNumber(memory, other) == TcpHeader.sequenceNumber(memory, one) + payloadBefore
                && TcpHeader.acknowledgmentNumber(memory, one) == TcpHeader.acknowledgmentNumber(memory, other)
                && ((BigEndian.getInt(memory, one + 12) ^ BigEndian.getInt(memory, other + 12)) & SAME_WORD) == 0
                && isSame(memory, one + TcpHeader.MIN_LENGTH, other + TcpHeader.MIN_LENGTH, length - TcpHeader.MIN_LENGTH);
    }

    /** Service, time to live and DF; without DF the identifications would be lost. Version, class and label; hop limit. */
    private static boolean isSameIp(MemorySegment memory, long one, long other, boolean ipv4) {
        return ipv4
                ? BigEndian.getShort(memory, one) == BigEndian.getShort(memory, other)
                && BigEndian.getShort(memory, one + 8) == BigEndian.getShort(memory, other + 8)
                && Ipv4Header.dontFragment(memory, one) && Ipv4Header.dontFragment(memory, other)
                : BigEndian.getInt(memory, one) == BigEndian.getInt(memory, other)
                && Ipv6Header.hopLimit(memory, one) == Ipv6Header.hopLimit(memory, other);
    }

    private static boolean isSame(MemorySegment memory, long one, long other, int length) {
        return MemorySegment.mismatch(memory, one, one + length, memory, other, other + length) == -1;
    }

    static boolean isChecksumValid(Burst burst, int i, int transport, boolean tcp) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
        long header = burst.offset[i] + transport;
        int length = burst.length[i] - transport;
        int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        return transport == IPV4_TRANSPORT
                ? Ipv4Header.isChecksumValid(memory, ip) && InternetChecksum.ofTransportIpv4(memory, ip, protocol, header, length) == 0
                : InternetChecksum.ofTransportIpv6(memory, ip, protocol, header, length) == 0;
    }

    /** TCP with a flag besides ACK: the sender wants what it has sent to be delivered now. */
    static boolean isPush(Burst burst, int i, int transport) {
        return (TcpHeader.flags(burst.memory(), burst.offset[i] + transport) & ~TcpHeader.ACK) != 0;
    }
}
