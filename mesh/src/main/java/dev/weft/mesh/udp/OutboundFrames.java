package dev.weft.mesh.udp;

import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/** Writes frames into claimed buffers of the channel. Each method says false when there was no buffer. One thread at a time. */
final class OutboundFrames {

    static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_UDP = IP + Ipv4Header.MIN_LENGTH;
    private static final int IPV6_UDP = IP + Ipv6Header.LENGTH;
    private static final int ICMPV6 = IP + Ipv6Header.LENGTH;
    private static final int HOP_LIMIT = 64;

    private final FrameChannel channel;
    private final long mac;

    OutboundFrames(FrameChannel channel, MacAddress mac) {
        this.channel = channel;
        this.mac = mac.value();
    }

    boolean datagram(MacAddress to, InetAddress source, Datagram datagram) {
        return source instanceof Inet4Address ? ipv4(to, source, datagram) : ipv6(to, source, datagram);
    }

    /** Never fragmented, so Don't Fragment is set and there is no identification (RFC 6864, 4.1). */
    private boolean ipv4(MacAddress to, InetAddress source, Datagram datagram) {
        int udpLength = UdpHeader.LENGTH + datagram.data().length;
        if (!channel.tryClaim(IPV4_UDP + udpLength)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        EthernetHeader.write(memory, frame, to.value(), mac, EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, frame + IP, Ipv4Header.MIN_LENGTH + udpLength, 0, Ipv4Header.DONT_FRAGMENT, HOP_LIMIT, IpProtocol.UDP,
                AddressBits.ipv4(AddressBits.low(source)), AddressBits.ipv4(AddressBits.low(datagram.target())));
        writeUdp(memory, frame + IPV4_UDP, datagram, udpLength);
        UdpHeader.checksum(memory, frame + IPV4_UDP, InternetChecksum.asUdp(
                InternetChecksum.ofTransportIpv4(memory, frame + IP, IpProtocol.UDP, frame + IPV4_UDP, udpLength)));
        channel.commit();
        return true;
    }

    private boolean ipv6(MacAddress to, InetAddress source, Datagram datagram) {
        int udpLength = UdpHeader.LENGTH + datagram.data().length;
        if (!channel.tryClaim(IPV6_UDP + udpLength)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        writeIpv6(memory, frame, to.value(), source, datagram.target(), udpLength, IpProtocol.UDP, HOP_LIMIT);
        writeUdp(memory, frame + IPV6_UDP, datagram, udpLength);
        UdpHeader.checksum(memory, frame + IPV6_UDP, InternetChecksum.asUdp(
                InternetChecksum.ofTransportIpv6(memory, frame + IP, IpProtocol.UDP, frame + IPV6_UDP, udpLength)));
        channel.commit();
        return true;
    }

    private static void writeUdp(MemorySegment memory, long udp, Datagram datagram, int udpLength) {
        UdpHeader.write(memory, udp, datagram.sourcePort(), datagram.targetPort(), udpLength);
        MemorySegment.copy(datagram.data(), 0, memory, ValueLayout.JAVA_BYTE, udp + UdpHeader.LENGTH, datagram.data().length);
    }

    /** Asks for a neighbour: all of the link, or the one that is known. */
    boolean ask(NeighborCache.Ask ask, InetAddress source) {
        return ask.address() instanceof Inet4Address ? arpRequest(ask, source) : solicitation(ask, source);
    }

    private boolean arpRequest(NeighborCache.Ask ask, InetAddress source) {
        if (!channel.tryClaim(IP + ArpPacket.LENGTH)) {
            return false;
        }
        long to = ask.mac().map(MacAddress::value).orElse(EthernetHeader.BROADCAST);
        EthernetHeader.write(channel.memory(), channel.offset(), to, mac, EthernetHeader.ETHER_TYPE_ARP);
        ArpPacket.writeRequest(channel.memory(), channel.offset() + IP, mac, AddressBits.ipv4(AddressBits.low(source)),
                AddressBits.ipv4(AddressBits.low(ask.address())));
        channel.commit();
        return true;
    }

    private boolean solicitation(NeighborCache.Ask ask, InetAddress source) {
        if (!channel.tryClaim(ICMPV6 + NeighborDiscovery.LENGTH_WITH_OPTION)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        long group = NeighborDiscovery.solicitedNodeLow(AddressBits.low(ask.address()));
        Optional<Long> known = ask.mac().map(MacAddress::value);
        writeIpv6(memory, frame, known.orElse(NeighborDiscovery.multicastMac(group)), source,
                known.isPresent() ? ask.address() : AddressBits.toInetAddress(NeighborDiscovery.SOLICITED_NODE_HIGH, group),
                NeighborDiscovery.LENGTH_WITH_OPTION, IpProtocol.ICMPV6, NeighborDiscovery.HOP_LIMIT);
        NeighborDiscovery.writeSolicitation(memory, frame + ICMPV6, AddressBits.high(ask.address()), AddressBits.low(ask.address()), mac);
        Icmpv6.fillChecksum(memory, frame + IP, frame + ICMPV6, NeighborDiscovery.LENGTH_WITH_OPTION);
        channel.commit();
        return true;
    }

    boolean arpReply(InetAddress own, MacAddress to, InetAddress target) {
        if (!channel.tryClaim(IP + ArpPacket.LENGTH)) {
            return false;
        }
        EthernetHeader.write(channel.memory(), channel.offset(), to.value(), mac, EthernetHeader.ETHER_TYPE_ARP);
        ArpPacket.writeReply(channel.memory(), channel.offset() + IP, mac, AddressBits.ipv4(AddressBits.low(own)), to.value(),
                AddressBits.ipv4(AddressBits.low(target)));
        channel.commit();
        return true;
    }

    boolean advertisement(InetAddress own, MacAddress to, InetAddress target) {
        if (!channel.tryClaim(ICMPV6 + NeighborDiscovery.LENGTH_WITH_OPTION)) {
            return false;
        }
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        writeIpv6(memory, frame, to.value(), own, target, NeighborDiscovery.LENGTH_WITH_OPTION, IpProtocol.ICMPV6, NeighborDiscovery.HOP_LIMIT);
        NeighborDiscovery.writeAdvertisement(memory, frame + ICMPV6, NeighborDiscovery.SOLICITED | NeighborDiscovery.OVERRIDE,
                AddressBits.high(own), AddressBits.low(own), mac);
        Icmpv6.fillChecksum(memory, frame + IP, frame + ICMPV6, NeighborDiscovery.LENGTH_WITH_OPTION);
        channel.commit();
        return true;
    }

    private void writeIpv6(MemorySegment memory, long frame, long to, InetAddress source, InetAddress destination, int payloadLength,
                           int nextHeader, int hopLimit) {
        EthernetHeader.write(memory, frame, to, mac, EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(memory, frame + IP, payloadLength, nextHeader, hopLimit);
        Ipv6Header.source(memory, frame + IP, AddressBits.high(source), AddressBits.low(source));
        Ipv6Header.destination(memory, frame + IP, AddressBits.high(destination), AddressBits.low(destination));
    }

    /** Sends a frame as it stands elsewhere, with the MACs changed about. */
    boolean sendBack(MemorySegment memory, long frame, int length) {
        if (!channel.tryClaim(length)) {
            return false;
        }
        MemorySegment.copy(memory, frame, channel.memory(), channel.offset(), length);
        EthernetHeader.destination(channel.memory(), channel.offset(), EthernetHeader.source(memory, frame));
        EthernetHeader.source(channel.memory(), channel.offset(), mac);
        channel.commit();
        return true;
    }
}
