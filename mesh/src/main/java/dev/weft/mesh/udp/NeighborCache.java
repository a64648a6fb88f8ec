package dev.weft.mesh.udp;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Neighbours by demand, and the datagrams that wait for them. A pure state machine: it is told the time and what was heard, and
 * says whom to ask. Not thread-safe. Times are nanoseconds of one clock.
 *
 * <pre>
 *             wanted               heard                30 s, used since             3 asks unanswered
 *   (absent) --------> INCOMPLETE --------> REACHABLE -------------------> PROBE --------------------> (absent)
 *       ^               |  ^   |              |    ^                       |  ^ |
 *       |  3 asks       |  +---+              |    +------- heard ---------+  +-+
 *       +---------------+  1 s: ask all       |                               1 s: ask it alone
 *       ^                                     |
 *       +------- 30 s and not used -----------+
 * </pre>
 */
final class NeighborCache {

    /** RFC 4861, 10: REACHABLE_TIME, RETRANS_TIMER, MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT. */
    static final long REACHABLE_TIME = TimeUnit.SECONDS.toNanos(30);
    static final long RETRANSMIT_TIME = TimeUnit.SECONDS.toNanos(1);
    static final int MAX_ASKS = 3;
    /** RFC 4861, 7.2.2: a small queue; when it overflows the oldest goes. */
    static final int MAX_WAITING = 16;
    /** So that a sender that scans a subnet does not fill the memory. */
    static final int MAX_NEIGHBORS = 4096;

    /** A question: ARP request or solicitation; to all while no MAC is known. */
    record Ask(InetAddress address, Optional<MacAddress> mac) {
    }

    private static final class Neighbor {
        private Optional<MacAddress> mac = Optional.empty();
        private final ArrayDeque<Datagram> waiting = new ArrayDeque<>();
        private long deadline;
        private int asks;
        private boolean used = true;

        private Neighbor(long nanos) {
            deadline = nanos;
        }
    }

    private final Map<InetAddress, Neighbor> neighbors = new LinkedHashMap<>();

    /** The MAC to send to; empty while it is not known, and the neighbour is due to be asked. */
    Optional<MacAddress> want(InetAddress address, long nanos) {
        Neighbor neighbor = neighbors.get(address);
        if (neighbor == null) {
            if (neighbors.size() < MAX_NEIGHBORS) {
                neighbors.put(address, new Neighbor(nanos));
            }
            return Optional.empty();
        }
        neighbor.used = true;
        return neighbor.mac;
    }

    /** Keeps a datagram until a neighbour that {@link #want} has no MAC of has been heard, or has not. */
    void hold(InetAddress address, Datagram datagram) {
        Neighbor neighbor = neighbors.get(address);
        if (neighbor == null) {
            return;
        }
        if (neighbor.waiting.size() == MAX_WAITING) {
            neighbor.waiting.removeFirst();
        }
        neighbor.waiting.addLast(datagram);
    }

    /**
     * A neighbour has said what its MAC is. Those that nobody wanted are not remembered.
     *
     * @return what has waited for it, oldest first
     */
    List<Datagram> heard(InetAddress address, MacAddress mac, long nanos) {
        Neighbor neighbor = neighbors.get(address);
        if (neighbor == null || mac.isMulticast()) {
            return List.of();
        }
        neighbor.mac = Optional.of(mac);
        neighbor.deadline = nanos + REACHABLE_TIME;
        neighbor.asks = 0;
        neighbor.used = false;
        List<Datagram> released = List.copyOf(neighbor.waiting);
        neighbor.waiting.clear();
        return released;
    }

    /** Whom to ask now; takes them for asked, and forgets those that have not answered, with what waited for them. */
    List<Ask> due(long nanos) {
        List<Ask> asks = new ArrayList<>();
        for (Iterator<Map.Entry<InetAddress, Neighbor>> all = neighbors.entrySet().iterator(); all.hasNext();) {
            Map.Entry<InetAddress, Neighbor> entry = all.next();
            Neighbor neighbor = entry.getValue();
            if (nanos - neighbor.deadline < 0) {
                continue;
            }
            if (neighbor.asks == MAX_ASKS || !neighbor.used) {
                all.remove();
                continue;
            }
            neighbor.asks++;
            neighbor.deadline = nanos + RETRANSMIT_TIME;
            asks.add(new Ask(entry.getKey(), neighbor.mac));
        }
        return asks;
    }
}
