package dev.weft.mesh.udp;

import dev.weft.api.FrameHandler;
import dev.weft.api.MacAddress;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What an endpoint does with the frames it gets: ARP, neighbour discovery and echo are answered, datagrams delivered, all else
 * is ignored as a host ignores it (damaged, for another address, a fragment, another protocol). The polling thread's.
 */
final class InboundFrames implements FrameHandler {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int HOP_LIMIT = 64;

    private final UdpHost host;
    private final UdpStack stack;

    InboundFrames(UdpHost host, UdpStack stack) {
        this.host = host;
        this.stack = stack;
    }

    @Override
    public void onFrame(MemorySegment memory, long frame, int length) {
        if (!EthernetHeader.fits(length)) {
            return;
        }
        long destination = EthernetHeader.destination(memory, frame);
        if (destination != host.mac().value() && !EthernetHeader.isMulticast(destination)) {
            return;
        }
        switch (EthernetHeader.etherType(memory, frame)) {
            case EthernetHeader.ETHER_TYPE_ARP -> arp(memory, frame + IP, length - IP);
            case EthernetHeader.ETHER_TYPE_IPV4 -> ipv4(memory, frame, length - IP);
            case EthernetHeader.ETHER_TYPE_IPV6 -> ipv6(memory, frame, length - IP);
            default -> { }
        }
    }

    /** RFC 826, "Packet Reception". */
    private void arp(MemorySegment memory, long arp, int length) {
        if (!ArpPacket.fits(length) || !ArpPacket.isEthernetIpv4(memory, arp)) {
            return;
        }
        InetAddress sender = ipv4(ArpPacket.senderProtocol(memory, arp));
        MacAddress senderMac = new MacAddress(ArpPacket.senderHardware(memory, arp));
        InetAddress target = ipv4(ArpPacket.targetProtocol(memory, arp));
        stack.heard(sender, senderMac);
        if (ArpPacket.operation(memory, arp) == ArpPacket.REQUEST && host.has(target)) {
            stack.transmit(frames -> frames.arpReply(target, senderMac, sender));
        }
    }

    private void ipv4(MemorySegment memory, long frame, int length) {
        long ip = frame + IP;
        if (!Ipv4Header.fits(memory, ip, length) || Ipv4Header.version(memory, ip) != Ipv4Header.VERSION
                || !Ipv4Header.isChecksumValid(memory, ip) || Ipv4Header.isFragment(memory, ip)
                || !host.has(ipv4(Ipv4Header.destination(memory, ip)))) {
            return;
        }
        long payload = ip + Ipv4Header.headerLength(memory, ip);
        int payloadLength = Ipv4Header.totalLength(memory, ip) - Ipv4Header.headerLength(memory, ip);
        if (Ipv4Header.protocol(memory, ip) == IpProtocol.UDP) {
            boolean good = UdpHeader.fits(memory, payload, payloadLength) && (UdpHeader.checksum(memory, payload) == 0
                    || InternetChecksum.ofTransportIpv4(memory, ip, IpProtocol.UDP, payload, UdpHeader.length(memory, payload)) == 0);
            if (good) {
                deliver(memory, frame, payload, ipv4(Ipv4Header.source(memory, ip)), ipv4(Ipv4Header.destination(memory, ip)));
            }
        } else if (Ipv4Header.protocol(memory, ip) == IpProtocol.ICMPV4 && IcmpHeader.fits(payloadLength)
                && Icmpv4.isChecksumValid(memory, payload, payloadLength)
                && IcmpHeader.type(memory, payload) == Icmpv4.ECHO_REQUEST) {
            echoIpv4(memory, frame, payload, payloadLength);
        }
    }

    private void echoIpv4(MemorySegment memory, long frame, long icmp, int length) {
        long ip = frame + IP;
        int peer = Ipv4Header.source(memory, ip);
        Ipv4Header.source(memory, ip, Ipv4Header.destination(memory, ip));
        Ipv4Header.destination(memory, ip, peer);
        Ipv4Header.timeToLive(memory, ip, HOP_LIMIT);
        Ipv4Header.fillChecksum(memory, ip);
        IcmpHeader.type(memory, icmp, Icmpv4.ECHO_REPLY);
        Icmpv4.fillChecksum(memory, icmp, length);
        stack.transmit(frames -> frames.sendBack(memory, frame, (int) (icmp - frame) + length));
    }

    private void ipv6(MemorySegment memory, long frame, int length) {
        long ip = frame + IP;
        if (!Ipv6Header.fits(memory, ip, length) || Ipv6Header.version(memory, ip) != Ipv6Header.VERSION) {
            return;
        }
        int payloadLength = Ipv6Header.payloadLength(memory, ip);
        long walked = Ipv6Extensions.walk(memory, ip, payloadLength);
        if (walked < 0 || Ipv6Extensions.isFragment(walked)) {
            return;
        }
        long transport = ip + Ipv6Header.LENGTH + Ipv6Extensions.length(walked);
        int transportLength = payloadLength - Ipv6Extensions.length(walked);
        if (Ipv6Extensions.protocol(walked) == IpProtocol.ICMPV6) {
            icmpv6(memory, frame, transport, transportLength);
        } else if (Ipv6Extensions.protocol(walked) == IpProtocol.UDP && host.has(destination(memory, ip))) {
            // RFC 8200, 8.1: over IPv6 a checksum of zero is an error.
            boolean good = UdpHeader.fits(memory, transport, transportLength) && UdpHeader.checksum(memory, transport) != 0
                    && InternetChecksum.ofTransportIpv6(memory, ip, IpProtocol.UDP, transport, UdpHeader.length(memory, transport)) == 0;
            if (good) {
                deliver(memory, frame, transport, source(memory, ip), destination(memory, ip));
            }
        }
    }

    private void icmpv6(MemorySegment memory, long frame, long icmp, int length) {
        long ip = frame + IP;
        if (!IcmpHeader.fits(length) || !Icmpv6.isChecksumValid(memory, ip, icmp, length)) {
            return;
        }
        switch (IcmpHeader.type(memory, icmp)) {
            case Icmpv6.NEIGHBOR_SOLICITATION -> solicitation(memory, ip, icmp, length);
            case Icmpv6.NEIGHBOR_ADVERTISEMENT -> advertisement(memory, ip, icmp, length);
            case Icmpv6.ECHO_REQUEST -> echoIpv6(memory, frame, icmp, length);
            default -> { }
        }
    }

    /** RFC 4861, 7.2.3. A duplicate address check (no source) is not answered: the cluster gives no address twice. */
    private void solicitation(MemorySegment memory, long ip, long icmp, int length) {
        InetAddress from = source(memory, ip);
        if (!isFromTheLink(memory, ip, icmp, length) || from.isAnyLocalAddress()) {
            return;
        }
        long mac = NeighborDiscovery.linkLayerAddress(memory, icmp, length, NeighborDiscovery.SOURCE_LINK_LAYER_ADDRESS);
        MacAddress fromMac = new MacAddress(mac != NeighborDiscovery.NO_ADDRESS ? mac : EthernetHeader.source(memory, ip - IP));
        InetAddress target = target(memory, icmp);
        stack.heard(from, fromMac);
        if (host.has(target)) {
            stack.transmit(frames -> frames.advertisement(target, fromMac, from));
        }
    }

    private void advertisement(MemorySegment memory, long ip, long icmp, int length) {
        if (!isFromTheLink(memory, ip, icmp, length)) {
            return;
        }
        long mac = NeighborDiscovery.linkLayerAddress(memory, icmp, length, NeighborDiscovery.TARGET_LINK_LAYER_ADDRESS);
        if (mac != NeighborDiscovery.NO_ADDRESS) {
            stack.heard(target(memory, icmp), new MacAddress(mac));
        }
    }

    /** RFC 4861, 7.1: no router has decremented the hop limit. */
    private static boolean isFromTheLink(MemorySegment memory, long ip, long icmp, int length) {
        return NeighborDiscovery.fits(memory, icmp, length) && Ipv6Header.hopLimit(memory, ip) == NeighborDiscovery.HOP_LIMIT;
    }

    private void echoIpv6(MemorySegment memory, long frame, long icmp, int length) {
        long ip = frame + IP;
        if (!host.has(destination(memory, ip))) {
            return;
        }
        long peerHigh = Ipv6Header.sourceHigh(memory, ip);
        long peerLow = Ipv6Header.sourceLow(memory, ip);
        Ipv6Header.source(memory, ip, Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip));
        Ipv6Header.destination(memory, ip, peerHigh, peerLow);
        Ipv6Header.hopLimit(memory, ip, HOP_LIMIT);
        IcmpHeader.type(memory, icmp, Icmpv6.ECHO_REPLY);
        Icmpv6.fillChecksum(memory, ip, icmp, length);
        stack.transmit(frames -> frames.sendBack(memory, frame, (int) (icmp - frame) + length));
    }

    private void deliver(MemorySegment memory, long frame, long udp, InetAddress source, InetAddress own) {
        byte[] data = memory.asSlice(udp + UdpHeader.LENGTH, UdpHeader.length(memory, udp) - UdpHeader.LENGTH).toArray(ValueLayout.JAVA_BYTE);
        stack.arrived(UdpHeader.destinationPort(memory, udp),
                new DatagramQueue.Received(new InetSocketAddress(source, UdpHeader.sourcePort(memory, udp)), data), own,
                new MacAddress(EthernetHeader.source(memory, frame)));
    }

    private static InetAddress ipv4(int address) {
        return AddressBits.toInetAddress(0, AddressBits.lowOfIpv4(address));
    }

    private static InetAddress source(MemorySegment memory, long ip) {
        return AddressBits.toInetAddress(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip));
    }

    private static InetAddress destination(MemorySegment memory, long ip) {
        return AddressBits.toInetAddress(Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip));
    }

    private static InetAddress target(MemorySegment memory, long icmp) {
        return AddressBits.toInetAddress(NeighborDiscovery.targetHigh(memory, icmp), NeighborDiscovery.targetLow(memory, icmp));
    }
}
