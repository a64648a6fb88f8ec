package dev.weft.dpdk.port;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;

/** Super-frames as a kernel hands them over: headers of the whole, checksum unfinished, a {@link VnetHeader} before them. */
final class SuperFrames {

    static final int IP = EthernetHeader.LENGTH;
    static final int SEQUENCE = 0xffff_f000; // passes zero on the way
    private static final int TIMESTAMPS = 12;
    private static final int TCP = TcpHeader.MIN_LENGTH + TIMESTAMPS;

    private SuperFrames() {
    }

    static int tcpHeaders(boolean ipv4) {
        return IP + (ipv4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH) + TCP;
    }

    /** @return bytes written, the header before the frame among them */
    static int tcp(MemorySegment memory, boolean ipv4, int port, int flags, int payload, int segment) {
        int transport = ip(memory, ipv4, IpProtocol.TCP, TCP + payload);
        long header = VnetHeader.LENGTH + transport;
        TcpHeader.write(memory, header, port, 80, SEQUENCE, 77, flags);
        BigEndian.putByte(memory, header + 12, TCP / 4 << 4);
        BigEndian.putLong(memory, header + TcpHeader.MIN_LENGTH, 0x0101_080a_1122_3344L);
        BigEndian.putInt(memory, header + TcpHeader.MIN_LENGTH + 8, 0x5566_7788);
        fill(memory, header + TCP, payload);
        TcpHeader.checksum(memory, header, pseudo(memory, ipv4, IpProtocol.TCP, TCP + payload));
        VnetHeader.writeGso(memory, 0, ipv4 ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6, transport + TCP, segment, transport, TcpHeader.CHECKSUM);
        return VnetHeader.LENGTH + transport + TCP + payload;
    }

    static int udp(MemorySegment memory, boolean ipv4, int payload, int segment) {
        int transport = ip(memory, ipv4, IpProtocol.UDP, UdpHeader.LENGTH + payload);
        long header = VnetHeader.LENGTH + transport;
        UdpHeader.write(memory, header, 5000, 53, UdpHeader.LENGTH + payload);
        fill(memory, header + UdpHeader.LENGTH, payload);
        UdpHeader.checksum(memory, header, pseudo(memory, ipv4, IpProtocol.UDP, UdpHeader.LENGTH + payload));
        VnetHeader.writeGso(memory, 0, VnetHeader.GSO_UDP_L4, transport + UdpHeader.LENGTH, segment, transport, UdpHeader.CHECKSUM);
        return VnetHeader.LENGTH + transport + UdpHeader.LENGTH + payload;
    }

    private static int ip(MemorySegment memory, boolean ipv4, int protocol, int bytes) {
        long ip = VnetHeader.LENGTH + IP;
        EthernetHeader.write(memory, VnetHeader.LENGTH, 0x0200_0000_0001L, 0x0200_0000_0002L,
                ipv4 ? EthernetHeader.ETHER_TYPE_IPV4 : EthernetHeader.ETHER_TYPE_IPV6);
        if (ipv4) {
            Ipv4Header.write(memory, ip, Ipv4Header.MIN_LENGTH + bytes & 0xffff, 0xfffe, Ipv4Header.DONT_FRAGMENT, 64, protocol,
                    0x0a00_0001, 0x0a00_0002);
            return IP + Ipv4Header.MIN_LENGTH;
        }
        Ipv6Header.write(memory, ip, bytes, protocol, 64);
        Ipv6Header.source(memory, ip, 0xfd00L << 48, 1);
        Ipv6Header.destination(memory, ip, 0xfd00L << 48, 2);
        return IP + Ipv6Header.LENGTH;
    }

    private static void fill(MemorySegment memory, long offset, int bytes) {
        for (int i = 0; i < bytes; i++) {
            BigEndian.putByte(memory, offset + i, payloadByte(i));
        }
    }

    static int payloadByte(int position) {
        return position * 31 + (position >> 8) & 0xff;
    }

    private static int pseudo(MemorySegment memory, boolean ipv4, int protocol, int bytes) {
        long ip = VnetHeader.LENGTH + IP;
        long sum = ipv4 ? InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), protocol, bytes)
                : InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), protocol, bytes);
        return ~InternetChecksum.complement(sum) & 0xffff;
    }

    /** Whether the transport checksum of a frame is right, and the IPv4 header's. */
    static boolean isComplete(MemorySegment memory, long frame, int length, boolean ipv4, int protocol) {
        long ip = frame + IP;
        int transport = IP + (ipv4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
        return ipv4
                ? Ipv4Header.isChecksumValid(memory, ip) && Ipv4Header.totalLength(memory, ip) == length - IP
                && InternetChecksum.ofTransportIpv4(memory, ip, protocol, frame + transport, length - transport) == 0
                : Ipv6Header.payloadLength(memory, ip) == length - IP - Ipv6Header.LENGTH
                && InternetChecksum.ofTransportIpv6(memory, ip, protocol, frame + transport, length - transport) == 0;
    }
}
