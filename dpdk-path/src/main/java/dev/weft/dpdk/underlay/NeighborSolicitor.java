package dev.weft.dpdk.underlay;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.PacketPool;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;

/** Asks for the MACs that {@link NextHopTable} says are due: ARP requests, neighbour solicitations. Poller's thread. */
public final class NeighborSolicitor {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int ICMPV6 = IP + Ipv6Header.LENGTH;
    private static final int ARP_FRAME = IP + ArpPacket.LENGTH;
    private static final int SOLICITATION_FRAME = ICMPV6 + NeighborDiscovery.LENGTH_WITH_OPTION;

    private final Underlay underlay;
    private final NextHopTable nextHops;
    private final PacketPool pool;
    private final long[] allocated = new long[1];

    public NeighborSolicitor(Underlay underlay, NextHopTable nextHops, PacketPool pool) {
        this.underlay = underlay;
        this.nextHops = nextHops;
        this.pool = pool;
    }

    /**
     * Adds the frames that are due to the burst, to be sent through the port; what finds no buffer is asked again a second
     * later.
     *
     * @return how many were added
     */
    public int solicit(Burst burst, int uplink, long nanos) {
        int added = 0;
        while (burst.count < Burst.CAPACITY) {
            int nextHop = nextHops.due(nanos);
            if (nextHop == NextHopTable.NOBODY || pool.allocate(allocated, 1) == 0) {
                break;
            }
            long offset = pool.dataOffset(allocated[0]);
            int length = write(burst.memory(), offset, nextHops.address(nextHop), nextHops.macToAsk(nextHop));
            burst.send(burst.add(allocated[0], offset, length), uplink);
            added++;
        }
        return added;
    }

    private int write(MemorySegment memory, long offset, InetAddress target, long macToAsk) {
        return target instanceof Inet4Address ? writeArp(memory, offset, target, macToAsk) : writeSolicitation(memory, offset, target, macToAsk);
    }

    private int writeArp(MemorySegment memory, long offset, InetAddress target, long macToAsk) {
        long destination = macToAsk == NextHopTable.UNRESOLVED ? EthernetHeader.BROADCAST : macToAsk;
        EthernetHeader.write(memory, offset, destination, underlay.mac().value(), EthernetHeader.ETHER_TYPE_ARP);
        ArpPacket.writeRequest(memory, offset + IP, underlay.mac().value(), AddressBits.ipv4(AddressBits.low(underlay.vtep())),
                AddressBits.ipv4(AddressBits.low(target)));
        return ARP_FRAME;
    }

    private int writeSolicitation(MemorySegment memory, long offset, InetAddress target, long macToAsk) {
        long high = AddressBits.high(target);
        long low = AddressBits.low(target);
        long mac = underlay.mac().value();
        boolean toAll = macToAsk == NextHopTable.UNRESOLVED;
        long group = NeighborDiscovery.solicitedNodeLow(low);
        EthernetHeader.write(memory, offset, toAll ? NeighborDiscovery.multicastMac(group) : macToAsk, mac, EthernetHeader.ETHER_TYPE_IPV6);
        Ipv6Header.write(memory, offset + IP, NeighborDiscovery.LENGTH_WITH_OPTION, IpProtocol.ICMPV6, NeighborDiscovery.HOP_LIMIT);
        Ipv6Header.source(memory, offset + IP, AddressBits.high(underlay.vtep()), AddressBits.low(underlay.vtep()));
        Ipv6Header.destination(memory, offset + IP, toAll ? NeighborDiscovery.SOLICITED_NODE_HIGH : high, toAll ? group : low);
        NeighborDiscovery.writeSolicitation(memory, offset + ICMPV6, high, low, mac);
        Icmpv6.fillChecksum(memory, offset + IP, offset + ICMPV6, NeighborDiscovery.LENGTH_WITH_OPTION);
        return SOLICITATION_FRAME;
    }
}
