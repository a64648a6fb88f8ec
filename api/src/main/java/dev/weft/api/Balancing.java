package dev.weft.api;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a service spreads the connections to its VIP. A connection stays with its backend, whatever changes.
 *
 * @param affinity whether all connections of a client's address go to one backend, by a Maglev table whatever the method is
 * @param weights  of backends by name, 1 to {@value #MAX_WEIGHT}; one that is not named has 1
 */
public record Balancing(LoadBalancing method, boolean affinity, Map<String, Integer> weights) {

    public static final int MAX_WEIGHT = 100;

    /** Each backend as often as the others. */
    public static final Balancing EVEN = new Balancing(LoadBalancing.ROUND_ROBIN, false, Map.of());

    public Balancing {
        weights = Collections.unmodifiableMap(new TreeMap<>(weights));
        weights.forEach((backend, weight) -> {
            if (weight < 1 || weight > MAX_WEIGHT) {
                throw new WeftException.InvalidSpec("weight " + weight + " of backend '" + backend + "' is out of range; take 1 to " + MAX_WEIGHT);
            }
        });
    }

    public int weight(String backend) {
        return weights.getOrDefault(backend, 1);
    }
}
