package dev.weft.kernel.conntrack;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many flows to some VIPs are open at each backend, as messages of conntrack tell. To be told the same twice, or of the end of a flow
 * that is not known, changes nothing. One thread at a time.
 */
public final class OpenFlows {

    private record Pair(InetAddress vip, InetAddress backend) {
    }

    private final Set<InetAddress> vips = new HashSet<>();
    private final Map<Long, Pair> open = new HashMap<>();
    private final Map<Pair, Integer> counts = new HashMap<>();
    private final Map<InetAddress, Long> begun = new HashMap<>();

    /** Counts the flows to these VIPs from now on, and to no others. @return those that it has not counted until now */
    Set<InetAddress> follow(Set<InetAddress> wanted) {
        Set<InetAddress> added = new HashSet<>(wanted);
        added.removeAll(vips);
        vips.clear();
        vips.addAll(wanted);
        open.values().removeIf(pair -> !wanted.contains(pair.vip()));
        counts.keySet().removeIf(pair -> !wanted.contains(pair.vip()));
        begun.keySet().retainAll(wanted);
        return added;
    }

    /** Who has followed {@link #begun} of the other goes on with this one. */
    public void continues(OpenFlows other) {
        begun.clear();
        begun.putAll(other.begun);
    }

    /** It was there, whatever became of it since. */
    void seen(TrackedFlow flow) {
        if (flow.phase() == TrackedFlow.Phase.OVER) {
            ended(flow);
        } else if (flow.phase() == TrackedFlow.Phase.OPEN && flow.isTranslated() && vips.contains(flow.destination())) {
            Pair pair = new Pair(flow.destination(), flow.answerer());
            if (open.putIfAbsent(flow.key(), pair) == null) {
                counts.merge(pair, 1, Integer::sum);
                begun.merge(pair.vip(), 1L, Long::sum);
            }
        }
    }

    /** It is over, or known no more. */
    void ended(TrackedFlow flow) {
        Pair pair = open.remove(flow.key());
        if (pair != null) {
            counts.computeIfPresent(pair, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    public int count(InetAddress vip, InetAddress backend) {
        return counts.getOrDefault(new Pair(vip, backend), 0);
    }

    /** How many flows to the VIP have been seen to begin. */
    public long begun(InetAddress vip) {
        return begun.getOrDefault(vip, 0L);
    }
}
