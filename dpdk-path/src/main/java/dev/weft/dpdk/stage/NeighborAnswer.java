package dev.weft.dpdk.stage;

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
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.OverlayAddresses;
import java.lang.foreign.MemorySegment;

/**
 * Outbound: answers ARP requests (RFC 826) and neighbour solicitations (RFC 4861, 7.2.4) out of the table, at the node where they
 * are asked, whether they were broadcast or not. The question's buffer becomes the answer.
 */
public final class NeighborAnswer implements Stage {

    private static final int PAYLOAD = EthernetHeader.LENGTH;
    private static final int MULTICAST_OCTET = 0xff;
    /** ff02::1, where answers go to a question from the unspecified address. */
    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW = 1;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_ARP) {
                arp(burst, i);
            } else if (isSolicitation(burst, i)) {
                solicitation(burst, i);
            }
        }
    }

    private static void arp(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long arp = burst.at(i) + PAYLOAD;
        if (!ArpPacket.fits(burst.length[i] - PAYLOAD)) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (!ArpPacket.isEthernetIpv4(memory, arp)) {
            burst.drop(i, DropReason.MALFORMED);
        } else if (ArpPacket.operation(memory, arp) == ArpPacket.REQUEST) {
            int target = ArpPacket.targetProtocol(memory, arp);
            int address = burst.tables.addresses().find(burst.network[i], 0, AddressBits.lowOfIpv4(target));
            if (isAnswered(burst, i, address)) {
                long mac = burst.tables.addresses().mac(address);
                long asker = ArpPacket.senderHardware(memory, arp);
                ArpPacket.writeReply(memory, arp, mac, target, asker, ArpPacket.senderProtocol(memory, arp));
                EthernetHeader.write(memory, burst.at(i), asker, mac, EthernetHeader.ETHER_TYPE_ARP);
                burst.length[i] = PAYLOAD + ArpPacket.LENGTH;
                burst.send(i, burst.inPort);
            }
        }
    }

    /** Nobody answers for the asker's own address, or it would take its address for a duplicate. */
    private static boolean isAnswered(Burst burst, int i, int address) {
        if (address == Burst.NONE) {
            burst.drop(i, DropReason.NEIGHBOR_UNKNOWN);
            return false;
        }
        if (burst.tables.addresses().port(address) == burst.inPort) {
            burst.drop(i, DropReason.CONSUMED);
            return false;
        }
        return true;
    }

    static boolean isSolicitation(Burst burst, int i) {
        return burst.protocol[i] == IpProtocol.ICMPV6 && burst.l4[i] != 0 && burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV6
                && IcmpHeader.type(burst.memory(), burst.transport(i)) == Icmpv6.NEIGHBOR_SOLICITATION;
    }

    private static void solicitation(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long icmp = burst.transport(i);
        if (!isValid(burst, i)) {
            burst.drop(i, DropReason.MALFORMED);
            return;
        }
        OverlayAddresses addresses = burst.tables.addresses();
        int address = addresses.find(burst.network[i], NeighborDiscovery.targetHigh(memory, icmp), NeighborDiscovery.targetLow(memory, icmp));
        if (isAnswered(burst, i, address)) {
            advertise(burst, i, addresses, address);
        }
    }

    /** RFC 4861, 7.1.1. */
    private static boolean isValid(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + PAYLOAD;
        long icmp = burst.transport(i);
        int length = burst.length[i] - burst.l4[i];
        return Ipv6Header.hopLimit(memory, ip) == NeighborDiscovery.HOP_LIMIT && IcmpHeader.code(memory, icmp) == 0
                && NeighborDiscovery.fits(memory, icmp, length) && Icmpv6.isChecksumValid(memory, ip, icmp, length)
                && NeighborDiscovery.targetHigh(memory, icmp) >>> 56 != MULTICAST_OCTET;
    }

    private static void advertise(Burst burst, int i, OverlayAddresses addresses, int address) {
        MemorySegment memory = burst.memory();
        long frame = burst.at(i);
        long ip = frame + PAYLOAD;
        long icmp = ip + Ipv6Header.LENGTH;
        long askerHigh = Ipv6Header.sourceHigh(memory, ip);
        long askerLow = Ipv6Header.sourceLow(memory, ip);
        boolean unspecified = askerHigh == 0 && askerLow == 0;
        long mac = addresses.mac(address);
        EthernetHeader.write(memory, frame, unspecified ? NeighborDiscovery.multicastMac(ALL_NODES_LOW) : EthernetHeader.source(memory, frame),
                mac, EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(memory, ip, NeighborDiscovery.LENGTH_WITH_OPTION, IpProtocol.ICMPV6, NeighborDiscovery.HOP_LIMIT);
        Ipv6Header.source(memory, ip, addresses.high(address), addresses.low(address));
        Ipv6Header.destination(memory, ip, unspecified ? ALL_NODES_HIGH : askerHigh, unspecified ? ALL_NODES_LOW : askerLow);
        NeighborDiscovery.writeAdvertisement(memory, icmp, NeighborDiscovery.OVERRIDE | (unspecified ? 0 : NeighborDiscovery.SOLICITED),
                addresses.high(address), addresses.low(address), mac);
        Icmpv6.fillChecksum(memory, ip, icmp, NeighborDiscovery.LENGTH_WITH_OPTION);
        burst.length[i] = PAYLOAD + Ipv6Header.LENGTH + NeighborDiscovery.LENGTH_WITH_OPTION;
        burst.send(i, burst.inPort);
    }
}
