package dev.weft.dpdk.underlay;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/**
 * ARP and neighbour discovery on the underlay: learns the next hops' MACs, and answers for the data-path address when it is
 * ours alone. When a kernel has that address too, it answers; two answers to one question would do no harm, but one is enough.
 */
public final class UnderlayNeighbors {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int ICMPV6 = IP + Ipv6Header.LENGTH;
    private static final int ADVERTISEMENT_FRAME = ICMPV6 + NeighborDiscovery.LENGTH_WITH_OPTION;
    /** ff02::1, all nodes (RFC 4291, 2.7.1). */
    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW = 1;
    private static final long IPV6_GROUP = 0xffL << 56;

    private final NextHopTable nextHops;
    private final Punt punt;
    private final boolean answers;
    private final long mac;
    private final boolean ipv4;
    private final long high;
    private final long low;

    public UnderlayNeighbors(Underlay underlay, NextHopTable nextHops, Punt punt) {
        this.nextHops = nextHops;
        this.punt = punt;
        answers = underlay.ownsVtep();
        mac = underlay.mac().value();
        ipv4 = underlay.isIpv4();
        high = AddressBits.high(underlay.vtep());
        low = AddressBits.low(underlay.vtep());
    }

    /** Takes an ARP frame: is done with it, or turns it into the answer. RFC 826, "Packet Reception". */
    public void arp(Burst burst, int i, long nanos) {
        MemorySegment memory = burst.memory();
        long arp = burst.at(i) + IP;
        if (!ArpPacket.fits(burst.length[i] - IP)) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        if (!ArpPacket.isEthernetIpv4(memory, arp) || EthernetHeader.isMulticast(ArpPacket.senderHardware(memory, arp))) {
            burst.drop(i, DropReason.MALFORMED);
            return;
        }
        int sender = ArpPacket.senderProtocol(memory, arp);
        long senderMac = ArpPacket.senderHardware(memory, arp);
        boolean learned = nextHops.heard(0, AddressBits.lowOfIpv4(sender), senderMac, nanos);
        int target = ArpPacket.targetProtocol(memory, arp);
        boolean asksUs = ArpPacket.operation(memory, arp) == ArpPacket.REQUEST && ipv4 && AddressBits.lowOfIpv4(target) == low;
        if (!asksUs || !answers) {
            punt.punt(burst, i, learned ? DropReason.CONSUMED : DropReason.NOT_FOR_US);
            return;
        }
        EthernetHeader.write(memory, burst.at(i), senderMac, mac, EthernetHeader.ETHER_TYPE_ARP);
        ArpPacket.writeReply(memory, arp, mac, target, senderMac, sender);
        burst.send(i, burst.inPort);
    }

    /**
     * Takes a solicitation or an advertisement whose checksum is right: drops it, or turns it into the answer.
     *
     * @param icmp   offset of the ICMPv6 header
     * @param length of the ICMPv6 message
     */
    public void neighborDiscovery(Burst burst, int i, long icmp, int length, long nanos) {
        MemorySegment memory = burst.memory();
        if (!NeighborDiscovery.fits(memory, icmp, length)) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (!isValid(memory, burst.at(i) + IP, icmp)) {
            burst.drop(i, DropReason.MALFORMED);
        } else if (IcmpHeader.type(memory, icmp) == Icmpv6.NEIGHBOR_SOLICITATION) {
            solicitation(burst, i, icmp, length, nanos);
        } else {
            advertisement(burst, i, icmp, length, nanos);
        }
    }

    /** RFC 4861, 7.1.1 and 7.1.2. */
    private static boolean isValid(MemorySegment memory, long ip, long icmp) {
        return Ipv6Header.hopLimit(memory, ip) == NeighborDiscovery.HOP_LIMIT && IcmpHeader.code(memory, icmp) == 0
                && (NeighborDiscovery.targetHigh(memory, icmp) & IPV6_GROUP) != IPV6_GROUP;
    }

    private void solicitation(Burst burst, int i, long icmp, int length, long nanos) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        long fromHigh = Ipv6Header.sourceHigh(memory, ip);
        long fromLow = Ipv6Header.sourceLow(memory, ip);
        long fromMac = NeighborDiscovery.linkLayerAddress(memory, icmp, length, NeighborDiscovery.SOURCE_LINK_LAYER_ADDRESS);
        boolean learned = fromMac != NeighborDiscovery.NO_ADDRESS && nextHops.heard(fromHigh, fromLow, fromMac, nanos);
        boolean asksUs = !ipv4 && NeighborDiscovery.targetHigh(memory, icmp) == high && NeighborDiscovery.targetLow(memory, icmp) == low;
        if (!asksUs || !answers) {
            punt.punt(burst, i, learned ? DropReason.CONSUMED : DropReason.NOT_FOR_US);
            return;
        }
        advertise(burst, i, fromHigh, fromLow, fromMac);
    }

    /** RFC 4861, 7.2.4: an unspecified source is a duplicate address check, whose answer goes to all nodes. */
    private void advertise(Burst burst, int i, long toHigh, long toLow, long toMac) {
        MemorySegment memory = burst.memory();
        long frame = burst.at(i);
        boolean toAll = (toHigh | toLow) == 0;
        long destination = toMac != NeighborDiscovery.NO_ADDRESS ? toMac : EthernetHeader.source(memory, frame);
        EthernetHeader.write(memory, frame, toAll ? NeighborDiscovery.multicastMac(ALL_NODES_LOW) : destination, mac,
                EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(memory, frame + IP, NeighborDiscovery.LENGTH_WITH_OPTION, IpProtocol.ICMPV6, NeighborDiscovery.HOP_LIMIT);
        Ipv6Header.source(memory, frame + IP, high, low);
        Ipv6Header.destination(memory, frame + IP, toAll ? ALL_NODES_HIGH : toHigh, toAll ? ALL_NODES_LOW : toLow);
        NeighborDiscovery.writeAdvertisement(memory, frame + ICMPV6,
                NeighborDiscovery.OVERRIDE | (toAll ? 0 : NeighborDiscovery.SOLICITED), high, low, mac);
        Icmpv6.fillChecksum(memory, frame + IP, frame + ICMPV6, NeighborDiscovery.LENGTH_WITH_OPTION);
        burst.length[i] = ADVERTISEMENT_FRAME;
        burst.send(i, burst.inPort);
    }

    private void advertisement(Burst burst, int i, long icmp, int length, long nanos) {
        MemorySegment memory = burst.memory();
        long itsMac = NeighborDiscovery.linkLayerAddress(memory, icmp, length, NeighborDiscovery.TARGET_LINK_LAYER_ADDRESS);
        boolean learned = itsMac != NeighborDiscovery.NO_ADDRESS
                && nextHops.heard(NeighborDiscovery.targetHigh(memory, icmp), NeighborDiscovery.targetLow(memory, icmp), itsMac, nanos);
        punt.punt(burst, i, learned ? DropReason.CONSUMED : DropReason.NOT_FOR_US);
    }
}
