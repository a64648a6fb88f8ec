package dev.weft.mesh.gateway;

import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.path.Gateway;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.mesh.udp.Idle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.util.concurrent.TimeUnit;

/** Writes what a gateway sends, back to where the question came from, into buffers of its channel. One thread at a time. */
final class GatewayWriter {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int HOP_LIMIT = 64;
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int MSS_OPTION = 0x0204_0000;
    private static final int MSS_OPTION_LENGTH = 4;
    private static final int WINDOW = 14;

    private final FrameChannel channel;
    private final MacAddress mac;

    GatewayWriter(FrameChannel channel, MacAddress mac) {
        this.channel = channel;
        this.mac = mac;
    }

    /** Bytes of an answer by UDP that the network's MTU has room for. */
    int datagramRoom(Peer peer) {
        return channel.maxFrameLength() - IP - ipLength(peer) - UdpHeader.LENGTH;
    }

    /** Bytes of data that the network's MTU lets a TCP segment have. */
    int segmentRoom(Peer peer) {
        return channel.maxFrameLength() - IP - ipLength(peer) - TcpHeader.MIN_LENGTH;
    }

    private static int ipLength(Peer peer) {
        return isIpv4(peer) ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
    }

    private static boolean isIpv4(Peer peer) {
        return peer.address() instanceof Inet4Address;
    }

    /** @return false when there is no buffer */
    boolean datagram(Peer peer, byte[] data) {
        int length = UdpHeader.LENGTH + data.length;
        if (!claim(peer, length, IpProtocol.UDP)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long udp = transport(peer);
        UdpHeader.write(memory, udp, Gateway.NAMES, peer.port(), length);
        MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, udp + UdpHeader.LENGTH, data.length);
        UdpHeader.checksum(memory, udp, InternetChecksum.asUdp(checksum(peer, IpProtocol.UDP, length)));
        channel.commit();
        return true;
    }

    /** @return false when there is no buffer */
    boolean segment(Peer peer, TcpSegment header, byte[] data, int offset, int count) {
        int options = header.has(TcpSegment.SYN) ? MSS_OPTION_LENGTH : 0;
        int length = TcpHeader.MIN_LENGTH + options + count;
        if (!claim(peer, length, IpProtocol.TCP)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long tcp = transport(peer);
        TcpHeader.write(memory, tcp, Gateway.NAMES, peer.port(), header.sequence(), header.acknowledgment(), header.flags());
        BigEndian.putShort(memory, tcp + WINDOW, header.window());
        if (options > 0) {
            BigEndian.putByte(memory, tcp + 12, (TcpHeader.MIN_LENGTH + options) / 4 << 4);
            BigEndian.putInt(memory, tcp + TcpHeader.MIN_LENGTH, MSS_OPTION | header.mss());
        }
        MemorySegment.copy(data, offset, memory, ValueLayout.JAVA_BYTE, tcp + TcpHeader.MIN_LENGTH + options, count);
        TcpHeader.checksum(memory, tcp, checksum(peer, IpProtocol.TCP, length));
        channel.commit();
        return true;
    }

    private long transport(Peer peer) {
        return channel.offset() + IP + ipLength(peer);
    }

    private boolean claim(Peer peer, int length, int protocol) {
        if (!hasBuffer(IP + ipLength(peer) + length)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        EthernetHeader.write(memory, frame, peer.mac().value(), mac.value(),
                isIpv4(peer) ? EthernetHeader.ETHER_TYPE_IPV4 : EthernetHeader.ETHER_TYPE_IPV6);
        if (isIpv4(peer)) {
            Ipv4Header.write(memory, frame + IP, Ipv4Header.MIN_LENGTH + length, 0, Ipv4Header.DONT_FRAGMENT, HOP_LIMIT, protocol,
                    AddressBits.ipv4(AddressBits.low(peer.gateway())), AddressBits.ipv4(AddressBits.low(peer.address())));
        } else {
            Ipv6Header.write(memory, frame + IP, length, protocol, HOP_LIMIT);
            Ipv6Header.source(memory, frame + IP, AddressBits.high(peer.gateway()), AddressBits.low(peer.gateway()));
            Ipv6Header.destination(memory, frame + IP, AddressBits.high(peer.address()), AddressBits.low(peer.address()));
        }
        return true;
    }

    /** The packet path hands buffers over in each of its rounds; on a busy machine one may be long. */
    private boolean hasBuffer(int length) {
        Idle idle = new Idle();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!channel.tryClaim(length)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            idle.idle();
        }
        return true;
    }

    private int checksum(Peer peer, int protocol, int length) {
        long ip = channel.offset() + IP;
        return isIpv4(peer) ? InternetChecksum.ofTransportIpv4(channel.memory(), ip, protocol, transport(peer), length)
                : InternetChecksum.ofTransportIpv6(channel.memory(), ip, protocol, transport(peer), length);
    }
}
