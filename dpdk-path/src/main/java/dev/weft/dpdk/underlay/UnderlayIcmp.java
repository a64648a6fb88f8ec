package dev.weft.dpdk.underlay;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/** ICMP on the underlay: answers echo for the data-path address, and hands neighbour discovery on. */
public final class UnderlayIcmp {

    private static final int HOP_LIMIT = 64;

    private final UnderlayNeighbors neighbors;
    private final Punt punt;

    public UnderlayIcmp(UnderlayNeighbors neighbors, Punt punt) {
        this.neighbors = neighbors;
        this.punt = punt;
    }

    /**
     * Takes an ICMP packet for our own address: drops it, or turns it into the answer.
     *
     * @param length of the ICMP message
     */
    public void ipv4(Burst burst, int i, long ip, long icmp, int length) {
        MemorySegment memory = burst.memory();
        if (Ipv4Header.isFragment(memory, ip)) {
            burst.drop(i, DropReason.FRAGMENT);
        } else if (!IcmpHeader.fits(length)) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (!Icmpv4.isChecksumValid(memory, icmp, length)) {
            burst.drop(i, DropReason.BAD_CHECKSUM);
        } else if (IcmpHeader.type(memory, icmp) != Icmpv4.ECHO_REQUEST || isOfGroup(burst, i)) {
            burst.drop(i, DropReason.NOT_FOR_US);
        } else {
            int peer = Ipv4Header.source(memory, ip);
            Ipv4Header.source(memory, ip, Ipv4Header.destination(memory, ip));
            Ipv4Header.destination(memory, ip, peer);
            Ipv4Header.timeToLive(memory, ip, HOP_LIMIT);
            Ipv4Header.fillChecksum(memory, ip);
            reply(burst, i, icmp, Icmpv4.ECHO_REPLY);
        }
    }

    /**
     * Takes an ICMPv6 packet, whoever it is for: drops it, or turns it into the answer.
     *
     * @param length      of the ICMPv6 message
     * @param answersEcho whether it is for our own address and no kernel has that too
     */
    public void ipv6(Burst burst, int i, long ip, long icmp, int length, boolean answersEcho, long nanos) {
        MemorySegment memory = burst.memory();
        if (!IcmpHeader.fits(length)) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        int type = IcmpHeader.type(memory, icmp);
        boolean discovery = type == Icmpv6.NEIGHBOR_SOLICITATION || type == Icmpv6.NEIGHBOR_ADVERTISEMENT;
        if (!discovery && !(answersEcho && type == Icmpv6.ECHO_REQUEST)) {
            punt.punt(burst, i, DropReason.NOT_FOR_US);
        } else if (!Icmpv6.isChecksumValid(memory, ip, icmp, length)) {
            burst.drop(i, DropReason.BAD_CHECKSUM);
        } else if (discovery) {
            neighbors.neighborDiscovery(burst, i, icmp, length, nanos);
        } else if (isOfGroup(burst, i)) {
            burst.drop(i, DropReason.NOT_FOR_US);
        } else {
            long peerHigh = Ipv6Header.sourceHigh(memory, ip);
            long peerLow = Ipv6Header.sourceLow(memory, ip);
            Ipv6Header.source(memory, ip, Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip));
            Ipv6Header.destination(memory, ip, peerHigh, peerLow);
            Ipv6Header.hopLimit(memory, ip, HOP_LIMIT);
            reply(burst, i, icmp, Icmpv6.ECHO_REPLY);
        }
    }

    /** Whether the answer would come from a group's MAC, or go to one: what was sent to all is not answered (RFC 1122, 3.3.6). */
    private static boolean isOfGroup(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        return EthernetHeader.isMulticast(EthernetHeader.destination(memory, burst.at(i)))
                || EthernetHeader.isMulticast(EthernetHeader.source(memory, burst.at(i)));
    }

    /** Type and code are one 16-bit word of the checksum; addresses that change places do not change it. */
    private static void reply(Burst burst, int i, long icmp, int type) {
        MemorySegment memory = burst.memory();
        int code = IcmpHeader.code(memory, icmp);
        IcmpHeader.checksum(memory, icmp, InternetChecksum.update16(IcmpHeader.checksum(memory, icmp),
                IcmpHeader.type(memory, icmp) << 8 | code, type << 8 | code));
        IcmpHeader.type(memory, icmp, type);
        long frame = burst.at(i);
        long peerMac = EthernetHeader.source(memory, frame);
        EthernetHeader.source(memory, frame, EthernetHeader.destination(memory, frame));
        EthernetHeader.destination(memory, frame, peerMac);
        burst.send(i, burst.inPort);
    }
}
