package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.OverlayAddresses;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The connections of this node's endpoints to VIPs: towards the backend by client and VIP, back by backend and client. Only the one
 * address is changed. Owned by the poller's thread.
 *
 * <pre>
 *   no flow -- packet to a VIP --> flow with a backend -- idle, or closed and quiet --> no flow
 *                                        | the backend is gone from the service: another one is chosen
 * </pre>
 */
public final class VipFlows {

    /** Slots for each direction; 64 bytes each. */
    public static final int DEFAULT_CAPACITY = 1 << 16;

    /** RFC 5382, REQ-5: an established connection may be silent for 2 h 4 min. */
    private static final int TCP_SECONDS = 7_440;
    /** RFC 5382, REQ-5: one that is being set up or closed, 4 min. */
    private static final int TCP_TRANSITORY_SECONDS = 240;
    /** RFC 4787, REQ-5: 5 min recommended. */
    private static final int UDP_SECONDS = 300;

    private static final int IP = EthernetHeader.LENGTH;
    /** 2^64 divided by the golden ratio (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
    /** What {@link #choose} says when the service has backends, but none for this flow. */
    private static final int CONFLICT = -2;

    private final FlowTable forward;
    private final FlowTable back;
    private final LongSupplier nanoClock;
    private final long epoch;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public VipFlows(int capacity, LongSupplier nanoClock) {
        forward = new FlowTable(capacity);
        back = new FlowTable(capacity);
        this.nanoClock = nanoClock;
        epoch = nanoClock.getAsLong();
    }

    /** Seconds since this table was made. */
    public int now() {
        return (int) TimeUnit.NANOSECONDS.toSeconds(nanoClock.getAsLong() - epoch);
    }

    /** What {@link #dispatch} found. */
    public enum Outcome { NOT_A_VIP, TRANSLATED, NO_BACKEND, CONFLICT, TABLE_FULL }

    /** Sends a TCP or UDP packet (parsed, with a transport header) that is for a VIP on to a backend. */
    public Outcome dispatch(Burst burst, int i, int now) {
        readAddresses(burst, i);
        OverlayAddresses addresses = burst.tables.addresses();
        int vip = addresses.find(burst.network[i], destinationHigh, destinationLow);
        int service = vip == Burst.NONE ? Burst.NONE : addresses.service(vip);
        if (service == Burst.NONE) {
            return Outcome.NOT_A_VIP;
        }
        long tuple = tuple(burst, i, false);
        int flow = forward.find(tuple, sourceHigh, sourceLow, destinationHigh, destinationLow, now);
        int backend = flow == FlowTable.NONE ? Burst.NONE
                : stillServing(addresses, service, burst.network[i], forward.translatedHigh(flow), forward.translatedLow(flow));
        if (backend == Burst.NONE) {
            backend = choose(burst, i, service, now);
            flow = FlowTable.NONE;
        }
        if (backend < 0) {
            return backend == CONFLICT ? Outcome.CONFLICT : Outcome.NO_BACKEND;
        }
        if (flow == FlowTable.NONE) {
            flow = remember(burst, i, addresses, backend, now);
            if (flow == FlowTable.NONE) {
                return Outcome.TABLE_FULL;
            }
        }
        used(burst, i, flow, reply(burst, i, backend, now), now);
        AddressRewrite.destination(burst, i, addresses.high(backend), addresses.low(backend));
        EthernetHeader.destination(burst.memory, burst.offset[i], addresses.mac(backend));
        return Outcome.TRANSLATED;
    }

    /** The backend's address in this snapshot, or NONE when the service has it no more, not even to drain. */
    private static int stillServing(OverlayAddresses addresses, int service, int network, long high, long low) {
        int address = addresses.find(network, high, low);
        return address != Burst.NONE && addresses.keepsFlows(service, address) ? address : Burst.NONE;
    }

    /**
     * By the hash of the flow, or of its source where there is affinity: fair over many, and the same again after a restart while the
     * backends are the same. Passes by those
     * that the same client port already talks to by another VIP: ports are not translated, so the answers would look the same.
     *
     * @return an address, or {@link Burst#NONE}, or {@link #CONFLICT} when only such backends are left
     */
    private int choose(Burst burst, int i, int service, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        int count = addresses.backendCount(service);
        if (count == 0) {
            return Burst.NONE;
        }
        int first = addresses.choice(service, addresses.hasAffinity(service) ? sourceHash() : burst.flowHash[i]);
        int none = Burst.NONE;
        for (int n = 0; n < count; n++) {
            int candidate = addresses.backend(service, (first + n) % count);
            boolean itself = addresses.high(candidate) == sourceHigh && addresses.low(candidate) == sourceLow;
            if (!itself) { // a backend that asks its own service reaches another one: its own answer would not come back this way
                if (isFree(burst, i, candidate, now)) {
                    return candidate;
                }
                none = CONFLICT;
            }
        }
        return none;
    }

    private int sourceHash() {
        long hash = (sourceHigh * GOLDEN ^ sourceLow) * GOLDEN;
        return (int) ((hash ^ hash >>> Integer.SIZE) * GOLDEN >>> Integer.SIZE);
    }

    /** True unless this backend's answers to this client port already get another VIP as their source. */
    private boolean isFree(Burst burst, int i, int backend, int now) {
        int reply = reply(burst, i, backend, now);
        return reply == FlowTable.NONE || back.translatedHigh(reply) == destinationHigh && back.translatedLow(reply) == destinationLow;
    }

    private int reply(Burst burst, int i, int backend, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        return back.find(tuple(burst, i, true), addresses.high(backend), addresses.low(backend), sourceHigh, sourceLow, now);
    }

    /** @return the slot of the flow towards the backend, or NONE when a table is full */
    private int remember(Burst burst, int i, OverlayAddresses addresses, int backend, int now) {
        int until = now + TCP_TRANSITORY_SECONDS;
        int reply = back.put(tuple(burst, i, true), addresses.high(backend), addresses.low(backend), sourceHigh, sourceLow, destinationHigh,
                destinationLow, now, until);
        if (reply == FlowTable.NONE) {
            return FlowTable.NONE;
        }
        int towards = forward.put(tuple(burst, i, false), sourceHigh, sourceLow, destinationHigh, destinationLow, addresses.high(backend),
                addresses.low(backend), now, until);
        if (towards == FlowTable.NONE) {
            back.expireAt(reply, now); // half a flow would only keep other VIPs from this backend
        }
        return towards;
    }

    /** Both directions live as long as one is used; a connection that one side has closed lives shortly, until a new SYN. */
    private void used(Burst burst, int i, int towards, int reply, int now) {
        int lifetime = UDP_SECONDS;
        if (burst.protocol[i] == IpProtocol.TCP) {
            int flags = TcpHeader.flags(burst.memory, burst.offset[i] + burst.l4[i]);
            boolean ends = (flags & (TcpHeader.FIN | TcpHeader.RST)) != 0;
            boolean begins = (flags & TcpHeader.SYN) != 0;
            boolean closing = ends || !begins && towards != FlowTable.NONE && forward.isClosing(towards);
            if (towards != FlowTable.NONE) {
                forward.closing(towards, closing);
            }
            lifetime = closing || begins ? TCP_TRANSITORY_SECONDS : TCP_SECONDS;
        }
        if (towards != FlowTable.NONE) {
            forward.expireAt(towards, now + lifetime);
        }
        if (reply != FlowTable.NONE) {
            back.expireAt(reply, now + lifetime);
        }
    }

    /** Gives a backend's answer the VIP as its source; other packets stay as they are. */
    public void restore(Burst burst, int i, int now) {
        readAddresses(burst, i);
        int flow = back.find(tuple(burst, i, false), sourceHigh, sourceLow, destinationHigh, destinationLow, now);
        if (flow != FlowTable.NONE) {
            int towards = forward.find(tuple(burst, i, true), destinationHigh, destinationLow, back.translatedHigh(flow),
                    back.translatedLow(flow), now);
            used(burst, i, towards, flow, now);
            AddressRewrite.source(burst, i, back.translatedHigh(flow), back.translatedLow(flow));
            EthernetHeader.source(burst.memory, burst.offset[i], burst.tables.gatewayMac(burst.network[i]));
        }
    }

    private void readAddresses(Burst burst, int i) {
        MemorySegment memory = burst.memory;
        long ip = burst.offset[i] + IP;
        if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4) {
            sourceHigh = 0;
            sourceLow = AddressBits.lowOfIpv4(Ipv4Header.source(memory, ip));
            destinationHigh = 0;
            destinationLow = AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip));
        } else {
            sourceHigh = Ipv6Header.sourceHigh(memory, ip);
            sourceLow = Ipv6Header.sourceLow(memory, ip);
            destinationHigh = Ipv6Header.destinationHigh(memory, ip);
            destinationLow = Ipv6Header.destinationLow(memory, ip);
        }
    }

    private static long tuple(Burst burst, int i, boolean reversed) {
        long l4 = burst.offset[i] + burst.l4[i];
        int source = BigEndian.getShort(burst.memory, l4);
        int destination = BigEndian.getShort(burst.memory, l4 + 2);
        return FlowTable.tuple(burst.tables.vni(burst.network[i]), burst.protocol[i], reversed ? destination : source,
                reversed ? source : destination);
    }
}
