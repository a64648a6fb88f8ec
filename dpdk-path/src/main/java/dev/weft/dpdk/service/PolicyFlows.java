package dev.weft.dpdk.service;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Housekeeping;
import dev.weft.dpdk.table.LiveFlows;
import dev.weft.dpdk.table.PolicyTable;
import dev.weft.dpdk.table.Tables;
import java.util.function.LongSupplier;

/**
 * Who has begun each flow of the networks that have rules, for rules are about that side: by a flow's first packet, of TCP a SYN. The
 * rules are asked for each packet again, so a change takes effect on open flows. Of a TCP connection that was there before (before the
 * network's first rule, or before this process) nobody knows who began it: it goes on if either side might have, and else ends. Owned by
 * the poller's thread.
 *
 * <pre>
 *   this side may begin | the other may | packets of a flow that is not known
 *   --------------------+---------------+-------------------------------------------------------
 *   yes                 | yes           | pass; a first one is remembered
 *   yes                 | no            | pass and are remembered if they begin a flow; else RST
 *   no                  | any           | denied
 * </pre>
 * Of a known flow those pass whose beginner may begin it.
 */
public final class PolicyFlows implements Housekeeping {

    public static final int DEFAULT_CAPACITY = 1 << 16;

    private static final int PORTS = 4;

    /** What becomes of a packet. */
    public enum Outcome { PASS, DENIED, NO_FLOW, TABLE_FULL }

    private final FlowTable flows;
    private final LiveFlows live = new LiveFlows();
    private final FlowClock clock;
    private final FlowAddresses packet = new FlowAddresses();
    private int sourcePort;
    private int destinationPort;
    /** As packets of who has begun their flow. */
    private final FlowKeys keys = FlowKeys.ofPairs(Burst.CAPACITY);
    /** As packets of the other side. */
    private final FlowKeys replyKeys = FlowKeys.ofPairs(Burst.CAPACITY);
    private final FlowLookup lookup;
    private final FlowLookup replyLookup;
    /** Whether the burst's flows have been looked up before. */
    private boolean lookedUp;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public PolicyFlows(int capacity, LongSupplier nanoClock) {
        flows = new FlowTable(capacity);
        replyKeys.ofReplies(true);
        lookup = flows.lookup(keys);
        replyLookup = flows.lookup(replyKeys);
        clock = new FlowClock(flows, nanoClock);
    }

    @Override
    public void tick(Tables tables, long nanos) {
        clock.tick();
    }

    /** Seconds since this table was made. */
    public int now() {
        return clock.now();
    }

    /**
     * Before packets of a burst are asked about, one by one: looks up the flows that they may be of, all at a time, if there are many. Changes
     * nothing; what is found is looked at again, for a packet may end or begin the flow of one behind it.
     *
     * @param slots a bit for each packet (parsed, IP)
     */
    public void lookUp(Burst burst, long slots, int now) {
        lookedUp = flows.isWorthPrefetching();
        if (!lookedUp) {
            return;
        }
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            read(burst, i);
            writeKey(burst, i);
            writeReplyKey(burst, i);
        }
        lookup.find(slots, now);
        replyLookup.find(slots, now);
    }

    private void writeKey(Burst burst, int i) {
        keys.write(i, vniAndProtocol(burst, i) | ports(sourcePort, destinationPort), packet);
    }

    private void writeReplyKey(Burst burst, int i) {
        replyKeys.write(i, vniAndProtocol(burst, i) | ports(destinationPort, sourcePort), packet);
    }

    /** Whether a parsed IP packet passes by the rules of its network. */
    public Outcome admit(Burst burst, int i, PolicyTable policy, int now) {
        if (isAboutOtherFlows(burst, i)) {
            return Outcome.PASS;
        }
        read(burst, i);
        int source = policy.classOf(packet.sourceHigh, packet.sourceLow);
        int destination = policy.classOf(packet.destinationHigh, packet.destinationLow);
        int there = policy.rule(source, destination, burst.protocol[i], destinationPort);
        int back = policy.rule(destination, source, burst.protocol[i], sourcePort);
        boolean mayBegin = policy.allows(there);
        boolean mayAnswer = policy.allows(back);
        boolean begins = begins(burst, i);
        int own = own(burst, i, now);
        if (isOpen(own, begins)) {
            policy.hit(there);
            return used(burst, i, own, mayBegin, true, now);
        }
        int others = others(burst, i, now);
        if (isOpen(others, begins)) {
            policy.hit(back);
            return used(burst, i, others, mayAnswer, false, now);
        }
        policy.hit(there);
        if (!mayBegin) {
            return Outcome.DENIED;
        }
        Outcome begun = begin(burst, i, begins, now);
        return mayAnswer ? Outcome.PASS : begun;
    }

    /** The flow that this packet's sender has begun. */
    private int own(Burst burst, int i, int now) {
        if (lookedUp) {
            return flows.find(lookup.flow(i), keys, i, now);
        }
        writeKey(burst, i);
        return flows.find(keys, i, now);
    }

    /** The flow that its receiver has begun. */
    private int others(Burst burst, int i, int now) {
        if (lookedUp) {
            return flows.find(replyLookup.flow(i), replyKeys, i, now);
        }
        writeReplyKey(burst, i);
        return flows.find(replyKeys, i, now);
    }

    /** A SYN of a connection that is over begins another one. */
    private boolean isOpen(int flow, boolean begins) {
        return flow != FlowTable.NONE && !(begins && FlowState.isOver(flows.state(flow)));
    }

    private Outcome used(Burst burst, int i, int flow, boolean passes, boolean byBeginner, int now) {
        if (passes) {
            int state = flows.state(flow);
            flows.used(flow, state == FlowState.UDP ? state
                    : FlowState.next(state, TcpHeader.flags(burst.memory(), burst.transport(i)), byBeginner), now);
        }
        return passes ? Outcome.PASS : Outcome.DENIED;
    }

    private Outcome begin(Burst burst, int i, boolean begins, int now) {
        if (!begins) {
            return Outcome.NO_FLOW;
        }
        int state = burst.protocol[i] == IpProtocol.TCP ? FlowState.SYN_SENT : FlowState.UDP;
        int flow = flows.put(keys, i, packet.destinationHigh, packet.destinationLow, state, live, now);
        return flow == FlowTable.NONE ? Outcome.TABLE_FULL : Outcome.PASS;
    }

    /** Of TCP only a SYN; a fragment but the first, which shows no flags, begins nothing. */
    private static boolean begins(Burst burst, int i) {
        return burst.protocol[i] != IpProtocol.TCP
                || burst.l4[i] != 0 && FlowState.begins(TcpHeader.flags(burst.memory(), burst.transport(i)));
    }

    private static long vniAndProtocol(Burst burst, int i) {
        return FlowTable.tuple(burst.tables.vni(burst.network[i]), burst.protocol[i], 0, 0);
    }

    private static long ports(int client, int service) {
        return (client & 0xffffL) << Short.SIZE | service & 0xffffL;
    }

    /** ICMP errors and neighbour discovery. */
    private static boolean isAboutOtherFlows(Burst burst, int i) {
        if (burst.l4[i] == 0 || burst.protocol[i] != IpProtocol.ICMPV4 && burst.protocol[i] != IpProtocol.ICMPV6) {
            return false;
        }
        int type = IcmpHeader.type(burst.memory(), burst.transport(i));
        return burst.protocol[i] == IpProtocol.ICMPV4 ? Icmpv4.isError(type) : Icmpv6.isError(type) || Icmpv6.isNeighborDiscovery(type);
    }

    private void read(Burst burst, int i) {
        packet.read(burst, i);
        readPorts(burst, i);
    }

    /** Both sides of an echo have its identifier. */
    private void readPorts(Burst burst, int i) {
        long l4 = burst.transport(i);
        sourcePort = PolicyTable.UNKNOWN_PORT;
        destinationPort = PolicyTable.UNKNOWN_PORT;
        if (burst.l4[i] == 0) {
            return;
        }
        switch (burst.protocol[i]) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.SCTP -> {
                if (burst.length[i] - burst.l4[i] >= PORTS) {
                    sourcePort = BigEndian.getShort(burst.memory(), l4);
                    destinationPort = BigEndian.getShort(burst.memory(), l4 + 2);
                }
            }
            case IpProtocol.ICMPV4, IpProtocol.ICMPV6 -> {
                sourcePort = IcmpHeader.identifier(burst.memory(), l4);
                destinationPort = sourcePort;
            }
            default -> { }
        }
    }
}
