package dev.weft.mesh.leak;

import dev.weft.api.EndpointInfo;
import dev.weft.api.FrameChannel;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/** A UDP datagram to the discard port (RFC 863) of an endpoint, full of a mark. */
final class MarkedFrame {

    private static final int DISCARD = 9;
    private static final int HOPS = 64;
    private static final int REPEATS = 8;

    private final InetAddress source;
    private final InetAddress destination;
    private final EndpointInfo from;
    private final EndpointInfo to;
    private final byte[] mark;

    private MarkedFrame(InetAddress source, InetAddress destination, EndpointInfo from, EndpointInfo to, byte[] mark) {
        this.source = source;
        this.destination = destination;
        this.from = from;
        this.to = to;
        this.mark = mark;
    }

    /** Nothing when the two have no address family in common. */
    static Optional<MarkedFrame> between(EndpointInfo from, EndpointInfo to, byte[] mark) {
        return from.addresses().stream().flatMap(source -> to.addresses().stream()
                .filter(destination -> destination.getClass() == source.getClass())
                .map(destination -> new MarkedFrame(source, destination, from, to, mark))).findFirst();
    }

    /** @return false when there is no room for it now */
    boolean send(FrameChannel frames) {
        boolean ipv4 = source instanceof Inet4Address;
        int ipHeader = ipv4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH;
        int datagram = UdpHeader.LENGTH + REPEATS * mark.length;
        if (!frames.tryClaim(EthernetHeader.LENGTH + ipHeader + datagram)) {
            return false;
        }
        MemorySegment memory = frames.memory();
        long ip = frames.offset() + EthernetHeader.LENGTH;
        long udp = ip + ipHeader;
        EthernetHeader.write(memory, frames.offset(), to.mac().value(), from.mac().value(),
                ipv4 ? EthernetHeader.ETHER_TYPE_IPV4 : EthernetHeader.ETHER_TYPE_IPV6);
        UdpHeader.write(memory, udp, DISCARD, DISCARD, datagram);
        for (int i = 0; i < REPEATS; i++) {
            MemorySegment.copy(mark, 0, memory, ValueLayout.JAVA_BYTE, udp + UdpHeader.LENGTH + (long) i * mark.length, mark.length);
        }
        if (ipv4) {
            Ipv4Header.write(memory, ip, ipHeader + datagram, 0, Ipv4Header.DONT_FRAGMENT, HOPS, IpProtocol.UDP,
                    AddressBits.ipv4(AddressBits.low(source)), AddressBits.ipv4(AddressBits.low(destination)));
        } else {
            Ipv6Header.write(memory, ip, datagram, IpProtocol.UDP, HOPS);
            Ipv6Header.source(memory, ip, AddressBits.high(source), AddressBits.low(source));
            Ipv6Header.destination(memory, ip, AddressBits.high(destination), AddressBits.low(destination));
            UdpHeader.checksum(memory, udp, InternetChecksum.asUdp(
                    InternetChecksum.ofTransportIpv6(memory, ip, IpProtocol.UDP, udp, datagram)));
        }
        frames.commit();
        return true;
    }
}
