package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.MemorySegment;

/** Outbound: an endpoint sends from its own MAC and, unless it routes, from its own addresses only; and claims no others by ARP or ND. */
public final class SourceGuard implements Stage {

    private static final int PAYLOAD = EthernetHeader.LENGTH;
    /** fe80::/10. */
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
    private static final long LINK_LOCAL_MASK = 0xffc0_0000_0000_0000L;

    /** Most packets come from the address that the one before them came from: it is looked up once. */
    private Tables knownIn;
    private int knownNetwork;
    private int knownPort;
    private long knownHigh;
    private long knownLow;

    /** The first one, then those that are not like it, found in a loop without a call, as {@link SourceCheck} has it. */
    @Override
    public void process(Burst burst) {
        long open = burst.open();
        if (open == 0) {
            return;
        }
        check(burst, Long.numberOfTrailingZeros(open));
        for (long rest = open & (open - 1) & ~known(burst, open); rest != 0; rest &= rest - 1) {
            check(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    private void check(Burst burst, int i) {
        if (!isOwn(burst, i)) {
            burst.drop(i, DropReason.SPOOFED);
        }
    }

    /** @return a bit for each open packet over IPv4 from the port's MAC and the last address looked up */
    private long known(Burst burst, long open) {
        if (burst.tables != knownIn || burst.inPort != knownPort || knownHigh != 0) {
            return 0;
        }
        MemorySegment memory = burst.memory();
        long mac = burst.tables.macOfPort(burst.inPort);
        long known = 0;
        for (int i = 0; i < burst.count; i++) {
            if ((open & 1L << i) != 0 && burst.network[i] == knownNetwork & burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4
                    && EthernetHeader.source(memory, burst.at(i)) == mac
                    & AddressBits.lowOfIpv4(Ipv4Header.source(memory, burst.at(i) + PAYLOAD)) == knownLow) {
                known |= 1L << i;
            }
        }
        return known;
    }

    private boolean isOwn(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long payload = burst.at(i) + PAYLOAD;
        if (EthernetHeader.source(memory, burst.at(i)) != burst.tables.macOfPort(burst.inPort)) {
            return false;
        }
        return switch (burst.etherType[i]) {
            case EthernetHeader.ETHER_TYPE_IPV4 -> hasAddress(burst, i, 0, AddressBits.lowOfIpv4(Ipv4Header.source(memory, payload)))
                    || burst.tables.isRouter(burst.inPort);
            case EthernetHeader.ETHER_TYPE_IPV6 -> (ownsIpv6(burst, i, Ipv6Header.sourceHigh(memory, payload), Ipv6Header.sourceLow(memory, payload))
                    || burst.tables.isRouter(burst.inPort)) && ownsDiscovery(burst, i);
            case EthernetHeader.ETHER_TYPE_ARP -> ownsArp(burst, i, payload);
            default -> true;
        };
    }

    /** Neighbour discovery also comes from the unspecified address (RFC 4862, 5.4.2) and from link-local ones. */
    private boolean ownsIpv6(Burst burst, int i, long high, long low) {
        boolean unspecified = high == 0 && low == 0;
        boolean linkLocal = (high & LINK_LOCAL_MASK) == LINK_LOCAL;
        return hasAddress(burst, i, high, low) || (unspecified || linkLocal) && burst.protocol[i] == IpProtocol.ICMPV6;
    }

    /**
     * Who hears that an address has a MAC believes it, and Linux takes its default route from any router advertisement (accept_ra): so nobody
     * speaks for another, and as a router only who routes (RFC 6105).
     */
    private boolean ownsDiscovery(Burst burst, int i) {
        if (burst.protocol[i] != IpProtocol.ICMPV6 || burst.l4[i] == 0) {
            return true;
        }
        return switch (IcmpHeader.type(burst.memory(), burst.transport(i))) {
            case Icmpv6.NEIGHBOR_ADVERTISEMENT -> ownsTarget(burst, i);
            case Icmpv6.ROUTER_ADVERTISEMENT, Icmpv6.REDIRECT -> burst.tables.isRouter(burst.inPort);
            default -> true;
        };
    }

    private boolean ownsTarget(Burst burst, int i) {
        if (burst.length[i] - burst.l4[i] < NeighborDiscovery.MIN_LENGTH) {
            return false;
        }
        long high = NeighborDiscovery.targetHigh(burst.memory(), burst.transport(i));
        return (high & LINK_LOCAL_MASK) == LINK_LOCAL || hasAddress(burst, i, high, NeighborDiscovery.targetLow(burst.memory(), burst.transport(i)));
    }

    /** Sender 0 is a probe (RFC 5227, 1.1). */
    private boolean ownsArp(Burst burst, int i, long arp) {
        if (!ArpPacket.fits(burst.length[i] - PAYLOAD)) {
            return true; // for NeighborAnswer to count as truncated
        }
        int sender = ArpPacket.senderProtocol(burst.memory(), arp);
        return ArpPacket.senderHardware(burst.memory(), arp) == burst.tables.macOfPort(burst.inPort)
                && (sender == 0 || hasAddress(burst, i, 0, AddressBits.lowOfIpv4(sender)));
    }

    private boolean hasAddress(Burst burst, int i, long high, long low) {
        if (high == knownHigh && low == knownLow && burst.inPort == knownPort && burst.network[i] == knownNetwork && burst.tables == knownIn) {
            return true;
        }
        int address = burst.tables.addresses().find(burst.network[i], high, low);
        if (address == Burst.NONE || burst.tables.addresses().port(address) != burst.inPort) {
            return false;
        }
        knownIn = burst.tables;
        knownNetwork = burst.network[i];
        knownPort = burst.inPort;
        knownHigh = high;
        knownLow = low;
        return true;
    }
}
