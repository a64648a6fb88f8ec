package dev.weft.dpdk.underlay;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The MACs of the neighbours that the VTEPs are reached through. A pure state machine: it is told the time and what was heard,
 * and says whom to ask; {@link NeighborSolicitor} does the asking. Every VTEP of the state is kept resolved whether there is
 * traffic or not, so the first packet to it does not have to wait.
 *
 * <pre>
 *              adopt                heard                 30 s unconfirmed              3 asks unanswered
 *   (unknown) -------> ASKING ----------------> REACHABLE -----------------> PROBING --------------------> ASKING
 *                      |    ^                    |     ^                     |  |  ^
 *                      +----+                    +-----+-- heard, confirmed -+  +--+
 *                    1 s: ask all               heard                           1 s: ask it alone
 * </pre>
 *
 * ASKING has no MAC; PROBING goes on with the one it has. Owned by the poller's thread. Times are nanoseconds of one clock.
 */
public final class NextHopTable {

    /** What {@link #mac} says while there is none. */
    public static final long UNRESOLVED = -1;
    /** What {@link #due} says when nobody has to be asked. */
    public static final int NOBODY = -1;

    /** RFC 4861, 10: REACHABLE_TIME, RETRANS_TIMER, MAX_UNICAST_SOLICIT; RFC 1122, 2.3.2.1 allows ARP the same rate. */
    static final long REACHABLE_TIME = TimeUnit.SECONDS.toNanos(30);
    static final long RETRANSMIT_TIME = TimeUnit.SECONDS.toNanos(1);
    static final int MAX_PROBES = 3;

    private final RouteTable routes;

    private List<InetAddress> vteps = List.of();
    /** By index of the VTEP: index of its next hop. */
    private int[] nextHopOf = {};
    /** By index of the next hop. */
    private InetAddress[] address = {};
    private long[] high = {};
    private long[] low = {};
    private long[] mac = {};
    private long[] deadline = {};
    private int[] probes = {};
    private long earliest = Long.MAX_VALUE;

    public NextHopTable(RouteTable routes) {
        this.routes = routes;
    }

    /**
     * Takes the VTEPs of a snapshot, an immutable list, by their index there; what is known of next hops that stay is kept.
     * Costs nothing when it is the same list as before, so every stage that uses the table says this first.
     */
    public void adopt(List<InetAddress> now, long nanos) {
        if (now == vteps) {
            return;
        }
        List<InetAddress> nextHops = now.stream().map(routes::nextHop).distinct().toList();
        long[] macs = new long[nextHops.size()];
        long[] deadlines = new long[nextHops.size()];
        int[] asked = new int[nextHops.size()];
        for (int i = 0; i < macs.length; i++) {
            int known = List.of(address).indexOf(nextHops.get(i));
            macs[i] = known == NOBODY ? UNRESOLVED : mac[known];
            deadlines[i] = known == NOBODY ? nanos : deadline[known];
            asked[i] = known == NOBODY ? 0 : probes[known];
        }
        vteps = now;
        nextHopOf = now.stream().mapToInt(vtep -> nextHops.indexOf(routes.nextHop(vtep))).toArray();
        address = nextHops.toArray(InetAddress[]::new);
        high = nextHops.stream().mapToLong(AddressBits::high).toArray();
        low = nextHops.stream().mapToLong(AddressBits::low).toArray();
        mac = macs;
        deadline = deadlines;
        probes = asked;
        earliest = nanos;
    }

    /** Whether it is this list that was adopted last. */
    public boolean isOf(List<InetAddress> now) {
        return now == vteps;
    }

    /** The destination MAC for packets to the VTEP of that index, or {@link #UNRESOLVED}. */
    public long mac(int vtep) {
        return mac[nextHopOf[vtep]];
    }

    /**
     * An address (see {@link AddressBits}) has said what its MAC is. Addresses that are no next hop, and MACs of groups, are
     * none of our business.
     *
     * @return whether it is a next hop
     */
    public boolean heard(long fromHigh, long fromLow, long itsMac, long nanos) {
        for (int i = 0; i < mac.length; i++) {
            if (low[i] == fromLow && high[i] == fromHigh && !EthernetHeader.isMulticast(itsMac)) {
                mac[i] = itsMac;
                confirm(i, nanos);
                return true;
            }
        }
        return false;
    }

    /** A packet of that VTEP came in from that MAC: when it is the one we use, it need not be asked for. */
    public void received(int vtep, long fromMac, long nanos) {
        int i = nextHopOf[vtep];
        if (mac[i] == fromMac) {
            confirm(i, nanos);
        }
    }

    private void confirm(int i, long nanos) {
        deadline[i] = nanos + REACHABLE_TIME;
        probes[i] = 0;
    }

    /** Says whom to ask now, and takes it for asked; to be called until it says {@link #NOBODY}. */
    public int due(long nanos) {
        if (earliest != Long.MAX_VALUE && nanos - earliest < 0) {
            return NOBODY;
        }
        for (int i = 0; i < deadline.length; i++) {
            if (nanos - deadline[i] >= 0) {
                asked(i, nanos);
                return i;
            }
        }
        earliest = Long.MAX_VALUE;
        for (long next : deadline) {
            earliest = earliest == Long.MAX_VALUE || next - earliest < 0 ? next : earliest;
        }
        return NOBODY;
    }

    private void asked(int i, long nanos) {
        if (probes[i] == MAX_PROBES) {
            mac[i] = UNRESOLVED;
        }
        probes[i] = mac[i] == UNRESOLVED ? 0 : probes[i] + 1;
        deadline[i] = nanos + RETRANSMIT_TIME;
    }

    /** Whom {@link #due} means. */
    public InetAddress address(int nextHop) {
        return address[nextHop];
    }

    /** The MAC to ask, {@link #UNRESOLVED} for all. */
    public long macToAsk(int nextHop) {
        return mac[nextHop];
    }
}
