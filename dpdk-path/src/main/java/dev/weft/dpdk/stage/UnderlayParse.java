package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.Punt;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.UnderlayIcmp;
import dev.weft.dpdk.underlay.UnderlayNeighbors;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * Inbound, Ethernet uplinks only: strips overlay packets for the data-path address to their UDP payload, or to their ESP header,
 * and says which VTEP sent them; answers, drops or punts all else. On an interface that a kernel shares, most of what comes in is the kernel's.
 */
public final class UnderlayParse implements Stage {

    private static final int IP = EthernetHeader.LENGTH;

    private final NextHopTable nextHops;
    private final UnderlayNeighbors neighbors;
    private final UnderlayIcmp icmp;
    private final Punt punt;
    private final UnderlayTrain train;
    private final LongSupplier nanoClock;
    private final boolean ownsVtep;
    private final boolean ipv4;
    private final long mac;
    private final long high;
    private final long low;
    private final int port;
    private final int espPort;
    /** Most packets come from the VTEP that the one before them came from: it is looked up once. */
    private Tables knownIn;
    private long knownHigh;
    private long knownLow;
    private int knownPeer;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public UnderlayParse(Underlay underlay, NextHopTable nextHops, LongSupplier nanoClock) {
        this.nextHops = nextHops;
        this.nanoClock = nanoClock;
        punt = new Punt(underlay);
        neighbors = new UnderlayNeighbors(underlay, nextHops, punt);
        icmp = new UnderlayIcmp(neighbors, punt);
        ownsVtep = underlay.ownsVtep();
        ipv4 = underlay.isIpv4();
        mac = underlay.mac().value();
        high = AddressBits.high(underlay.vtep());
        low = AddressBits.low(underlay.vtep());
        port = underlay.port();
        espPort = underlay.espPort();
        train = new UnderlayTrain(underlay, low);
    }

    @Override
    public void process(Burst burst) {
        long nanos = nanoClock.getAsLong();
        nextHops.adopt(burst.tables.vteps(), nanos);
        train.begin();
        int i = 0;
        do { // one call of follow: of two, with clear and encrypted packets seen, the JIT compiler left calls in the loop (15 ns a packet)
            i = train.follow(burst, i);
            if (i < burst.count && burst.isOpen(i)) {
                ethernet(burst, i, nanos);
            }
        } while (++i < burst.count);
    }

    private void ethernet(Burst burst, int i, long nanos) {
        long frame = burst.at(i);
        if (!EthernetHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long destination = EthernetHeader.destination(burst.memory(), frame);
        if (destination != mac && !EthernetHeader.isMulticast(destination)) {
            burst.drop(i, DropReason.NOT_FOR_US);
            return;
        }
        switch (EthernetHeader.etherType(burst.memory(), frame)) {
            case EthernetHeader.ETHER_TYPE_IPV4 -> ipv4(burst, i, nanos);
            case EthernetHeader.ETHER_TYPE_IPV6 -> ipv6(burst, i, nanos);
            case EthernetHeader.ETHER_TYPE_ARP -> neighbors.arp(burst, i, nanos);
            default -> punt.punt(burst, i, DropReason.UNSERVED_PROTOCOL);
        }
    }

    private void ipv4(Burst burst, int i, long nanos) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        int available = burst.length[i] - IP;
        if (available < Ipv4Header.MIN_LENGTH) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long front = Ipv4Header.front(memory, ip);
        long middle = Ipv4Header.middle(memory, ip);
        DropReason fault = Ipv4Check.fault(memory, ip, available, front, middle);
        if (fault != null) {
            burst.drop(i, fault);
        } else if (!ipv4 || AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip)) != low) {
            punt.punt(burst, i, DropReason.NOT_FOR_US);
        } else {
            ipv4Payload(burst, i, ip, front, middle, nanos);
        }
    }

    private void ipv4Payload(Burst burst, int i, long ip, long front, long middle, long nanos) {
        int protocol = Ipv4Header.protocol(middle);
        long transport = ip + Ipv4Header.headerLength(front);
        int length = Ipv4Header.totalLength(front) - Ipv4Header.headerLength(front);
        if (protocol == IpProtocol.ICMPV4 && ownsVtep) {
            icmp.ipv4(burst, i, ip, transport, length);
        } else if (protocol != IpProtocol.UDP && protocol != IpProtocol.ESP) {
            punt.punt(burst, i, DropReason.NOT_FOR_US);
        } else if (Ipv4Header.isFragment(front)) {
            punt.punt(burst, i, DropReason.FRAGMENT);
        } else {
            int peer = peer(burst.tables, 0, AddressBits.lowOfIpv4(Ipv4Header.source(middle)));
            if (protocol == IpProtocol.ESP) {
                accept(burst, i, peer, transport, length, Wire.ESP, nanos);
            } else {
                udp(burst, i, peer, transport, length, nanos);
            }
        }
    }

    private void ipv6(Burst burst, int i, long nanos) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        if (!Ipv6Header.fits(memory, ip, burst.length[i] - IP)) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (Ipv6Header.version(memory, ip) != Ipv6Header.VERSION) {
            burst.drop(i, DropReason.MALFORMED);
        } else {
            int payload = Ipv6Header.payloadLength(memory, ip);
            long walked = Ipv6Extensions.walk(memory, ip, payload);
            if (walked < 0) {
                burst.drop(i, walked == Ipv6Extensions.TRUNCATED ? DropReason.TRUNCATED : DropReason.MALFORMED);
            } else {
                ipv6Payload(burst, i, ip, payload, walked, nanos);
            }
        }
    }

    private void ipv6Payload(Burst burst, int i, long ip, int payload, long walked, long nanos) {
        MemorySegment memory = burst.memory();
        int protocol = Ipv6Extensions.protocol(walked);
        int length = payload - Ipv6Extensions.length(walked);
        long transport = ip + Ipv6Header.LENGTH + Ipv6Extensions.length(walked);
        boolean forUs = !ipv4 && Ipv6Header.destinationLow(memory, ip) == low && Ipv6Header.destinationHigh(memory, ip) == high;
        if (protocol == IpProtocol.ICMPV6 && !Ipv6Extensions.isFragment(walked)) {
            icmp.ipv6(burst, i, ip, transport, length, forUs && ownsVtep, nanos);
        } else if (protocol != IpProtocol.UDP && protocol != IpProtocol.ESP || !forUs) {
            punt.punt(burst, i, DropReason.NOT_FOR_US);
        } else if (Ipv6Extensions.isFragment(walked)) {
            punt.punt(burst, i, DropReason.FRAGMENT);
        } else {
            int peer = peer(burst.tables, Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip));
            if (protocol == IpProtocol.ESP) {
                accept(burst, i, peer, transport, length, Wire.ESP, nanos);
            } else {
                udp(burst, i, peer, transport, length, nanos);
            }
        }
    }

    /** The VTEP of an address, or NONE. */
    private int peer(Tables tables, long fromHigh, long fromLow) {
        if (fromLow != knownLow || fromHigh != knownHigh || tables != knownIn) {
            knownIn = tables;
            knownHigh = fromHigh;
            knownLow = fromLow;
            knownPeer = tables.vtep(fromHigh, fromLow);
        }
        return knownPeer;
    }

    /**
     * The outer UDP checksum is not verified, which RFC 7348, 5 leaves to the receiver: over a virtual link the sender's kernel has
     * computed it as if the inner checksum were complete, and that is still to be done ({@link ChecksumCompletion}).
     */
    private void udp(Burst burst, int i, int peer, long udp, int available, long nanos) {
        if (available < UdpHeader.LENGTH) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long header = UdpHeader.whole(burst.memory(), udp);
        if (!UdpHeader.fits(header, available)) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        int destination = UdpHeader.destinationPort(header);
        int payload = UdpHeader.length(header) - UdpHeader.LENGTH;
        if (destination == port) {
            accept(burst, i, peer, udp + UdpHeader.LENGTH, payload, Wire.VXLAN, nanos);
        } else if (destination == espPort) {
            accept(burst, i, peer, udp + UdpHeader.LENGTH, payload, Wire.ESP_IN_UDP, nanos);
        } else {
            punt.punt(burst, i, DropReason.NOT_FOR_US);
        }
    }

    private void accept(Burst burst, int i, int peer, long start, int length, int wire, long nanos) {
        if (peer != Burst.NONE) {
            nextHops.received(peer, EthernetHeader.source(burst.memory(), burst.at(i)), nanos);
            if (ipv4) {
                train.lead(burst.memory(), burst.at(i), peer);
            }
        }
        burst.peer[i] = peer;
        burst.wire[i] = wire;
        burst.length[i] = length;
        burst.offset[i] = start;
    }
}
