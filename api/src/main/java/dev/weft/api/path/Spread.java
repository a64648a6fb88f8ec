package dev.weft.api.path;

import dev.weft.api.LoadBalancing;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a service's connections are spread over its backends, as slots: a connection takes one of them, at random or by a hash, and what
 * stands there is its backend.
 *
 * @param weights of the backends in their order; empty: all have 1
 */
public record Spread(LoadBalancing method, boolean affinity, List<Integer> weights) {

    public static final Spread EVEN = new Spread(LoadBalancing.ROUND_ROBIN, false, List.of());

    public Spread {
        weights = List.copyOf(weights);
    }

    /** Whether the slot follows from the client (its address, and its port unless there is affinity), and not from chance. */
    public boolean isByClient() {
        return affinity || method == LoadBalancing.MAGLEV;
    }

    /** Whether the one with the fewest open connections for its weight is chosen. Affinity goes before. */
    public boolean isByLeastConnections() {
        return method == LoadBalancing.LEAST_CONNECTIONS && !affinity;
    }

    public int weight(int backend) {
        return weights.isEmpty() ? 1 : weights.get(backend);
    }

    /** Positions of backends; none when there is no backend. */
    public int[] slots(List<InetAddress> backends) {
        return isByClient() ? MaglevTable.of(backends, this::weight)
                : IntStream.range(0, backends.size()).flatMap(i -> IntStream.generate(() -> i).limit(weight(i))).toArray();
    }

    /**
     * Positions of the backends that would be chosen one after the other by the fewest open connections, if each stayed open.
     *
     * @param open   connections that each backend has now
     * @param first  of backends that are equal it begins with this one, 0 to open.length - 1
     * @param length how many; there are fewer, none, when no backend has any weight
     */
    public int[] sequence(int[] open, int first, int length) {
        return LeastConnections.sequence(open, this::weight, first, length);
    }
}
