package dev.weft.dpdk.service;

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
    private static final long[] NO_TARGETS = {};

    private final FlowTable flows;
    private final FlowClock clock;
    private final FlowKeys keys = FlowKeys.ofVips(Burst.CAPACITY);
    private final FlowLookup lookup;
    /** An answer that is asked for by itself. */
    private final FlowKeys answer = FlowKeys.ofVips(1);
    /** Most packets are for the VIP that the one before them was for: it is looked up once. */
    private Tables knownIn;
    private int knownNetwork;
    private long knownHigh;
    private long knownLow;
    private int knownService;
    /** {@link OverlayAddresses#targets} of that service. */
    private long[] knownTargets;
    /** A bit for each packet that {@link #goingOn} has still to look at. */
    private long unasked;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public VipFlows(int capacity, LongSupplier nanoClock) {
        flows = new FlowTable(capacity);
        lookup = flows.lookup(keys);
        answer.ofReplies(true);
        clock = new FlowClock(flows, nanoClock);
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
     * Before packets of a burst are asked about, one by one: reads what they are looked up by.
     *
     * @param slots a bit for each packet (parsed, with a transport header)
     * @param reply whether {@link #restore} is asked next, and not {@link #dispatch}
     */
    public void readKeys(Burst burst, long slots, boolean reply) {
        keys.read(burst, slots, reply);
    }

    /** Then: looks up all of them, for {@link #goesOn} and {@link #restore}. Changes nothing. */
    public void find(long slots, int now) {
        lookup.find(slots, now);
    }

    /** What {@link #dispatch} found. */
    public enum Outcome { NOT_A_VIP, TO_BACKEND, NO_BACKEND, NO_FLOW, CONFLICT, TABLE_FULL }

    /**
     * Those of the packets of {@link #find} that are of a flow that goes on with the backend it has, as nearly all are: {@link #translate} sends
     * them there. Of the others nothing has changed, and {@link #dispatch} is to be asked. Apart, so that what is seldom done is not compiled
     * into the loop over these.
     */
    public long goingOn(Burst burst, long slots, int now) {
        long goingOn = 0;
        unasked = slots;
        while (unasked != 0) {
            int first = Long.numberOfTrailingZeros(unasked);
            service(burst.tables, burst.network[first], keys.vipHigh(first), keys.vipLow(first));
            goingOn |= goingOn(burst, first, knownTargets, now);
        }
        return goingOn;
    }

    /**
     * The same of the packets from one on that are for its VIP, up to one that is not. Nothing in this loop is a call: behind one each field that
     * the loop needs would be read again, and all values would go by the stack.
     */
    private long goingOn(Burst burst, int first, long[] targets, int now) {
        long high = keys.vipHigh(first);
        long low = keys.vipLow(first);
        int vni = FlowTable.vni(keys.tuple(first));
        long goingOn = 0;
        long rest = unasked;
        for (; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            long tuple = keys.tuple(i);
            if (keys.vipLow(i) != low || keys.vipHigh(i) != high || FlowTable.vni(tuple) != vni) {
                break;
            }
            if (goesOn(burst, i, tuple, targets, now)) {
                goingOn |= 1L << i;
            }
        }
        unasked = rest;
        return goingOn;
    }

    private boolean goesOn(Burst burst, int i, long tuple, long[] targets, int now) {
        int flow = lookup.flow(i);
        if (flow == FlowTable.NONE) {
            return false;
        }
        long life = flows.life(flow);
        int state = FlowRecords.state(life);
        int position = FlowRecords.position(life);
        long high = flows.backendHigh(flow);
        long low = flows.backendLow(flow);
        int next = FlowTable.protocol(tuple) == IpProtocol.TCP
                ? FlowState.next(state, TcpHeader.flags(burst.memory(), burst.transport(i)), true) : state;
        if (FlowState.isOver(next) || !OverlayAddresses.isBackend(targets, position, high, low)) {
            return false;
        }
        flows.goesOn(flow, life, next, now);
        keys.target(i, high, low, OverlayAddresses.backendMac(targets, position));
        return true;
    }

    /** Finds the backend of a TCP or UDP packet that is for a VIP, of those of {@link #readKeys}; {@link #translate} sends it there. */
    public Outcome dispatch(Burst burst, int i, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        int service = service(burst.tables, burst.network[i], keys.vipHigh(i), keys.vipLow(i));
        if (service == Burst.NONE) {
            return Outcome.NOT_A_VIP;
        }
        int flow = flows.find(lookup.flow(i), keys, i, now);
        if (flow != FlowTable.NONE) {
            if (!FlowState.isOver(flows.state(flow)) || !mayBegin(burst, i)) {
                int backend = stillServing(addresses, service, burst.network[i], flow);
                if (backend != Burst.NONE) {
                    used(burst, i, flow, true, now);
                    keys.target(i, addresses.high(backend), addresses.low(backend), addresses.mac(backend));
                    return Outcome.TO_BACKEND;
                }
            }
            flows.remove(flow);
        }
        return mayBegin(burst, i) ? begin(burst, i, service, now) : Outcome.NO_FLOW;
    }

    /** The service whose VIP it is, or NONE. */
    private int service(Tables tables, int network, long high, long low) {
        if (low != knownLow || high != knownHigh || network != knownNetwork || tables != knownIn) {
            int vip = tables.addresses().find(network, high, low);
            knownService = vip == Burst.NONE ? Burst.NONE : tables.addresses().service(vip);
            knownTargets = knownService == Burst.NONE ? NO_TARGETS : tables.addresses().targets(knownService);
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
        int flow = flows.put(keys, i, addresses.high(backend), addresses.low(backend), state, addresses.liveFlows(service, position), now);
        if (flow == FlowTable.NONE) {
            return Outcome.TABLE_FULL;
        }
        flows.position(flow, position);
        keys.target(i, addresses.high(backend), addresses.low(backend), addresses.mac(backend));
        return Outcome.TO_BACKEND;
    }

    /** The address in this snapshot of a flow's backend, or NONE when the service has it no more, not even to drain. */
    private int stillServing(OverlayAddresses addresses, int service, int network, int flow) {
        int address = addresses.find(network, flows.backendHigh(flow), flows.backendLow(flow));
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
        int first = addresses.isByLeastFlows(service) ? addresses.withFewestFlows(service, burst.flowHash[i])
                : addresses.choice(service, addresses.hasAffinity(service) ? sourceHash(i) : burst.flowHash[i]);
        int none = Burst.NONE;
        for (int n = 0; n < count; n++) {
            int position = (first + n) % count;
            int candidate = addresses.backend(service, position);
            boolean itself = addresses.high(candidate) == keys.clientHigh(i) && addresses.low(candidate) == keys.clientLow(i);
            if (!itself) { // a backend that asks its own service reaches another one: its own answer would not come back this way
                if (isFree(burst, i, candidate, now)) {
                    return position;
                }
                none = CONFLICT;
            }
        }
        return none;
    }

    private int sourceHash(int i) {
        long hash = (keys.clientHigh(i) * GOLDEN ^ keys.clientLow(i)) * GOLDEN;
        return (int) ((hash ^ hash >>> Integer.SIZE) * GOLDEN >>> Integer.SIZE);
    }

    /** True unless this backend's answers to this client port already get another VIP as their source. */
    private boolean isFree(Burst burst, int i, int backend, int now) {
        OverlayAddresses addresses = burst.tables.addresses();
        answer.write(0, keys.tuple(i), addresses.high(backend), addresses.low(backend), keys.clientHigh(i), keys.clientLow(i));
        int flow = flows.find(answer, 0, now);
        return flow == FlowTable.NONE || flows.state(flow) == FlowState.CLOSED
                || flows.vipHigh(flow) == keys.vipHigh(i) && flows.vipLow(flow) == keys.vipLow(i);
    }

    private void used(Burst burst, int i, int flow, boolean fromClient, int now) {
        int state = flows.state(flow);
        flows.used(flow, burst.protocol[i] == IpProtocol.TCP ? FlowState.next(state, TcpHeader.flags(burst.memory(), burst.transport(i)), fromClient)
                : state, now);
    }

    /** Sends packets on to the backends that {@link #dispatch} has found. A loop of its own: in one with the look-up it is not inlined. */
    public void translate(Burst burst, long slots) {
        burst.dispatched |= slots;
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            AddressRewrite.destination(burst, i, keys.backendHigh(i), keys.backendLow(i));
            EthernetHeader.destination(burst.memory(), burst.at(i), keys.targetMac(i));
        }
    }

    /** Whether there are flows that a packet could be an answer of. */
    public boolean hasFlows() {
        return flows.size() > 0;
    }

    /** Gives a backend's answer, of those of {@link #find}, the VIP as its source; other packets stay as they are. */
    public void restore(Burst burst, int i, int now) {
        int flow = lookup.flow(i);
        if (flow != FlowTable.NONE) {
            used(burst, i, flow, false, now);
            AddressRewrite.source(burst, i, flows.vipHigh(flow), flows.vipLow(flow));
            EthernetHeader.source(burst.memory(), burst.at(i), burst.tables.gatewayMac(burst.network[i]));
        }
    }
}
