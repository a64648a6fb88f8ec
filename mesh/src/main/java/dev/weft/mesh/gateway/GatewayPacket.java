package dev.weft.mesh.gateway;

import dev.weft.api.MacAddress;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a gateway got, out of its frame: whole, undamaged, no fragment; anything else is ignored as a host ignores it.
 *
 * @param segment the TCP header's fields; none of a datagram
 */
record GatewayPacket(Peer peer, Optional<TcpSegment> segment, byte[] data) {

    private static final int IP = EthernetHeader.LENGTH;

    /** @return null when it is nothing for a gateway's service */
    static GatewayPacket read(MemorySegment memory, long frame, int length) {
        if (!EthernetHeader.fits(length)) {
            return null;
        }
        return switch (EthernetHeader.etherType(memory, frame)) {
            case EthernetHeader.ETHER_TYPE_IPV4 -> ipv4(memory, frame, length - IP);
            case EthernetHeader.ETHER_TYPE_IPV6 -> ipv6(memory, frame, length - IP);
            default -> null;
        };
    }

    private static GatewayPacket ipv4(MemorySegment memory, long frame, int length) {
        long ip = frame + IP;
        if (!Ipv4Header.fits(memory, ip, length) || Ipv4Header.version(memory, ip) != Ipv4Header.VERSION
                || !Ipv4Header.isChecksumValid(memory, ip) || Ipv4Header.isFragment(memory, ip)) {
            return null;
        }
        int header = Ipv4Header.headerLength(memory, ip);
        int protocol = Ipv4Header.protocol(memory, ip);
        int available = Ipv4Header.totalLength(memory, ip) - header;
        int size = size(memory, ip + header, available, protocol);
        boolean unchecked = protocol == IpProtocol.UDP && size > 0 && UdpHeader.checksum(memory, ip + header) == 0;
        if (size < 0 || !unchecked && InternetChecksum.ofTransportIpv4(memory, ip, protocol, ip + header, size) != 0) {
            return null;
        }
        return of(memory, frame, ip + header, size, protocol, address(0, AddressBits.lowOfIpv4(Ipv4Header.source(memory, ip))),
                address(0, AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip))));
    }

    private static GatewayPacket ipv6(MemorySegment memory, long frame, int length) {
        long ip = frame + IP;
        if (!Ipv6Header.fits(memory, ip, length) || Ipv6Header.version(memory, ip) != Ipv6Header.VERSION) {
            return null;
        }
        long walked = Ipv6Extensions.walk(memory, ip, Ipv6Header.payloadLength(memory, ip));
        if (walked < 0 || Ipv6Extensions.isFragment(walked)) {
            return null;
        }
        long transport = ip + Ipv6Header.LENGTH + Ipv6Extensions.length(walked);
        int protocol = Ipv6Extensions.protocol(walked);
        int size = size(memory, transport, Ipv6Header.payloadLength(memory, ip) - Ipv6Extensions.length(walked), protocol);
        if (size < 0 || protocol == IpProtocol.UDP && UdpHeader.checksum(memory, transport) == 0 // RFC 8200, 8.1
                || InternetChecksum.ofTransportIpv6(memory, ip, protocol, transport, size) != 0) {
            return null;
        }
        return of(memory, frame, transport, size, protocol, address(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip)),
                address(Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip)));
    }

    /** Bytes of the transport's header and data, or -1 when they are not all there. */
    private static int size(MemorySegment memory, long transport, int available, int protocol) {
        return switch (protocol) {
            case IpProtocol.UDP -> UdpHeader.fits(memory, transport, available) ? UdpHeader.length(memory, transport) : -1;
            case IpProtocol.TCP -> TcpHeader.fits(memory, transport, available) ? available : -1;
            default -> -1;
        };
    }

    private static GatewayPacket of(MemorySegment memory, long frame, long transport, int size, int protocol, InetAddress source,
                                    InetAddress destination) {
        byte[] bytes = memory.asSlice(transport, size).toArray(ValueLayout.JAVA_BYTE);
        Peer peer = new Peer(new MacAddress(EthernetHeader.source(memory, frame)), source, UdpHeader.sourcePort(memory, transport), destination);
        return protocol == IpProtocol.UDP
                ? new GatewayPacket(peer, Optional.empty(), Arrays.copyOfRange(bytes, UdpHeader.LENGTH, size))
                : new GatewayPacket(peer, Optional.of(TcpSegment.read(memory, transport)),
                        Arrays.copyOfRange(bytes, TcpHeader.headerLength(memory, transport), size));
    }

    private static InetAddress address(long high, long low) {
        return AddressBits.toInetAddress(high, low);
    }
}
