package dev.weft.dpdk.service;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Housekeeping;
import dev.weft.dpdk.table.OverlayAddresses;
import dev.weft.dpdk.table.Tables;
import java.util.function.LongSupplier;

/**
 * The connections of this node's endpoints to VIPs: towards the backend by client and VIP, back by backend and client. Only the one
 * address is changed. Owned by the poller's thread.
 *
 * <pre>
 *   no flow -- SYN, or UDP, to a VIP --> flow with a backend ({@link FlowState}) -- idle, or closed and quiet --> no flow
 *      |                                        |
 *      | any other TCP packet: RST              | the backend is gone from the service: TCP gets a RST, UDP another backend
 * </pre>
 */
public final class VipFlows implements Housekeeping {

    /** Flows; a hundred bytes each. */
    public static final int DEFAULT_CAPACITY = 1 << 17;

    /** 2^64 divided by the golden ratio (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;
    /** What {@link #choose} says when the service has backends, but none for this flow. */
    private static final int CONFLICT = -2;

    private final FlowTable flows;
    private final FlowClock clock;
    private final FlowAddresses packet = new FlowAddresses();
    private final long[] hashes = new long[Burst.CAPACITY];
    private final int[] candidates = new int[Burst.CAPACITY];
    /** Addresses that packets are to be sent on to. */
    private final int[] backends = new int[Burst.CAPACITY];
    /** Whether the burst's flows have candidates. */
    private boolean prefetched;
    /** Most packets are for the VIP that the one before them was for: it is looked up once. */
    private Tables knownIn;
    private int knownNetwork;
    private long knownHigh;
    private long knownLow;
    private int knownService;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public VipFlows(int capacity, LongSupplier nanoClock) {
        flows = new FlowTable(capacity);
        clock = new FlowClock(flows, capacity, nanoClock);
    }

    @Override
    public void tick(Tables tables, long nanos) {
        clock.tick();
    }

    FlowTable table() {
        return flows;
    }

    /** Seconds since this table was made. */
    public int now() {
        return clock.now();
    }

    /**
     * Before packets of a burst are asked about, one by one: brings the flows that they may be of nearer, all at a time. Changes nothing.
     *
     * @param slots a bit for each packet (parsed, with a transport header)
     * @param reply whether {@link #restore} is asked next, and not {@link #dispatch}
     */
    public void prefetch(Burst burst, long slots, boolean reply) {
        prefetched = flows.isWorthPrefetching();
        if (!prefetched) {
            return;
        }
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            packet.read(burst, i);
            hashes[i] = FlowTable.hash(tuple(burst, i, reply), packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow);
        }
        flows.prefetch(hashes, slots, candidates);
    }

    private int candidate(int i) {
        return prefetched ? candidates[i] : FlowTable.NONE;
    }

    /** What {@link #dispatch} found. */
    public enum Outcome { NOT_A_VIP, TO_BACKEND, NO_BACKEND, NO_FLOW, CONFLICT, TABLE_FULL }

    /** Finds the backend of a TCP or UDP packet (parsed, with a transport header) that is for a VIP; {@link #translate} sends it there. */
    public Outcome dispatch(Burst burst, int i, int now) {
        packet.read(burst, i);
        OverlayAddresses addresses = burst.tables.addresses();
        int service = service(burst.tables, burst.network[i], packet.destinationHigh, packet.destinationLow);
        if (service == Burst.NONE) {
            return Outcome.NOT_A_VIP;
        }
        int flow = flows.find(candidate(i), tuple(burst, i, false), packet.sourceHigh, packet.sourceLow, packet.destinationHigh,
                packet.destinationLow, now);
        boolean begins = mayBegin(burst, i);
        if (flow != FlowTable.NONE && !(begins && FlowState.isOver(flows.state(flow)))) {
            int backend = stillServing(addresses, service, burst.network[i], flow);
            if (backend != Burst.NONE) {
                used(burst, i, flow, true, now);
                backends[i] = backend;
                return Outcome.TO_BACKEND;
            }
        }
        if (flow != FlowTable.NONE) {
            flows.remove(flow);
        }
        return begins ? begin(burst, i, service, now) : Outcome.NO_FLOW;
    }

    /** The service whose VIP it is, or NONE. */
    private int service(Tables tables, int network, long high, long low) {
        if (low != knownLow || high != knownHigh || network != knownNetwork || tables != knownIn) {
            int vip = tables.addresses().find(network, high, low);
            knownService = vip == Burst.NONE ? Burst.NONE : tables.addresses().service(vip);
            knownIn = tables;
            knownNetwork = network;
            knownHigh = high;
            knownLow = low;
        }
        return knownService;
    }

    /** UDP, or a SYN: what else TCP sends belongs to a connection that is known, or to none. */
    private static boolean mayBegin(Burst burst, int i) {
        return burst.protocol[i] != IpProtocol.TCP || FlowState.begins(TcpHeader.flags(burst.memory(), burst.transport(i)));
    }

    private Outcome begin(Burst burst, int i, int service, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        int position = choose(burst, i, service, now);
        if (position < 0) {
            return position == CONFLICT ? Outcome.CONFLICT : Outcome.NO_BACKEND;
        }
        int backend = addresses.backend(service, position);
        int state = burst.protocol[i] == IpProtocol.TCP ? FlowState.SYN_SENT : FlowState.UDP;
        int flow = flows.put(tuple(burst, i, false), packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow,
                addresses.high(backend), addresses.low(backend), state, addresses.liveFlows(service, position), now);
        if (flow == FlowTable.NONE) {
            return Outcome.TABLE_FULL;
        }
        flows.position(flow, position);
        backends[i] = backend;
        return Outcome.TO_BACKEND;
    }

    /**
     * The address in this snapshot of a flow's backend, or NONE when the service has it no more, not even to drain. Backends seldom change, so
     * it is first looked for where it was when the flow was used last.
     */
    private int stillServing(OverlayAddresses addresses, int service, int network, int flow) {
        long high = flows.backendHigh(flow);
        long low = flows.backendLow(flow);
        int position = flows.position(flow);
        if (position < addresses.backendCount(service)) {
            int backend = addresses.backend(service, position);
            if (addresses.low(backend) == low && addresses.high(backend) == high) {
                return backend;
            }
        }
        int address = addresses.find(network, high, low);
        if (address == Burst.NONE || !addresses.keepsFlows(service, address)) {
            return Burst.NONE;
        }
        flows.position(flow, Math.max(0, addresses.position(service, address)));
        return address;
    }

    /**
     * By the hash of the flow, or of its source where there is affinity: fair over many, and the same again after a restart while the
     * backends are the same. Passes by those that the same client port already talks to by another VIP: ports are not translated, so the
     * answers would look the same.
     *
     * @return a position among the service's backends, or {@link Burst#NONE}, or {@link #CONFLICT} when only such backends are left
     */
    private int choose(Burst burst, int i, int service, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        int count = addresses.backendCount(service);
        if (count == 0) {
            return Burst.NONE;
        }
        int first = addresses.isByLeastFlows(service) ? withFewest(addresses, service, burst.flowHash[i])
                : addresses.choice(service, addresses.hasAffinity(service) ? sourceHash() : burst.flowHash[i]);
        int none = Burst.NONE;
        for (int n = 0; n < count; n++) {
            int position = (first + n) % count;
            int candidate = addresses.backend(service, position);
            boolean itself = addresses.high(candidate) == packet.sourceHigh && addresses.low(candidate) == packet.sourceLow;
            if (!itself) { // a backend that asks its own service reaches another one: its own answer would not come back this way
                if (isFree(burst, i, candidate, now)) {
                    return position;
                }
                none = CONFLICT;
            }
        }
        return none;
    }

    /** Of equal ones the first from a place that follows from the hash, or all would go to the first backend of a service that is idle. */
    private static int withFewest(OverlayAddresses addresses, int service, int hash) {
        int count = addresses.backendCount(service);
        int start = (int) ((hash & 0xffff_ffffL) * count >>> Integer.SIZE);
        int best = start;
        for (int n = 1; n < count; n++) {
            int candidate = (start + n) % count;
            // flows / weight < flows / weight, without dividing
            if ((long) addresses.liveFlows(service, candidate).count() * addresses.weight(service, best)
                    < (long) addresses.liveFlows(service, best).count() * addresses.weight(service, candidate)) {
                best = candidate;
            }
        }
        return best;
    }

    private int sourceHash() {
        long hash = (packet.sourceHigh * GOLDEN ^ packet.sourceLow) * GOLDEN;
        return (int) ((hash ^ hash >>> Integer.SIZE) * GOLDEN >>> Integer.SIZE);
    }

    /** True unless this backend's answers to this client port already get another VIP as their source. */
    private boolean isFree(Burst burst, int i, int backend, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        int flow = flows.findReply(tuple(burst, i, false), addresses.high(backend), addresses.low(backend), packet.sourceHigh, packet.sourceLow, now);
        return flow == FlowTable.NONE || flows.state(flow) == FlowState.CLOSED
                || flows.vipHigh(flow) == packet.destinationHigh && flows.vipLow(flow) == packet.destinationLow;
    }

    private void used(Burst burst, int i, int flow, boolean fromClient, int now) {
        int state = flows.state(flow);
        flows.used(flow, burst.protocol[i] == IpProtocol.TCP
                ? FlowState.next(state, TcpHeader.flags(burst.memory(), burst.transport(i)), fromClient) : state, now);
    }

    /** Sends packets on to the backends that {@link #dispatch} has found. A loop of its own: in one with the look-up it is not inlined. */
    public void translate(Burst burst, long slots) {
        OverlayAddresses addresses = burst.tables.addresses();
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            AddressRewrite.destination(burst, i, addresses.high(backends[i]), addresses.low(backends[i]));
            EthernetHeader.destination(burst.memory(), burst.at(i), addresses.mac(backends[i]));
            burst.dispatched |= 1L << i;
        }
    }

    /** Whether there are flows that a packet could be an answer of. */
    public boolean hasFlows() {
        return flows.size() > 0;
    }

    /** Gives a backend's answer the VIP as its source; other packets stay as they are. */
    public void restore(Burst burst, int i, int now) {
        packet.read(burst, i);
        int flow = flows.findReply(candidate(i), tuple(burst, i, true), packet.sourceHigh, packet.sourceLow, packet.destinationHigh,
                packet.destinationLow, now);
        if (flow != FlowTable.NONE) {
            used(burst, i, flow, false, now);
            AddressRewrite.source(burst, i, flows.vipHigh(flow), flows.vipLow(flow));
            EthernetHeader.source(burst.memory(), burst.at(i), burst.tables.gatewayMac(burst.network[i]));
        }
    }

    /** That of the client's packets. @param reply whether this packet is the backend's */
    private static long tuple(Burst burst, int i, boolean reply) {
        int ports = BigEndian.getInt(burst.memory(), burst.transport(i));
        return FlowTable.tuple(burst.tables.vni(burst.network[i]), burst.protocol[i], reply ? Integer.rotateLeft(ports, Short.SIZE) : ports);
    }
}
