package dev.weft.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What shall be different about a service; all else stays. Immutable.
 *
 * @param publishRemove ports that shall answer no more; taken out before others are added, so that one can be published otherwise
 * @param publishAdd    ports that shall answer, too
 * @param backendRemove endpoints that shall be backends no more; their connections end
 * @param backendAdd    endpoints that shall be backends, too, with or without a weight
 * @param weights       of backends by name; what is not named keeps its weight
 * @param mode          VIP gives it virtual addresses that it had not, DNSRR takes them away, and open connections to them end
 */
public record ServiceUpdate(List<PortSelector> publishRemove, List<PublishedPort> publishAdd, List<String> backendRemove,
                            List<String> backendAdd, Optional<LoadBalancing> balancing, Optional<Boolean> affinity,
                            Map<String, Integer> weights, Optional<EndpointMode> mode) {

    /** @throws WeftException.InvalidSpec if nothing shall be different */
    public ServiceUpdate {
        publishRemove = List.copyOf(publishRemove);
        publishAdd = List.copyOf(publishAdd);
        backendRemove = List.copyOf(backendRemove);
        backendAdd = List.copyOf(backendAdd);
        weights = Map.copyOf(weights);
        if (publishRemove.isEmpty() && publishAdd.isEmpty() && backendRemove.isEmpty() && backendAdd.isEmpty() && balancing.isEmpty()
                && affinity.isEmpty() && weights.isEmpty() && mode.isEmpty()) {
            throw new WeftException.InvalidSpec("nothing is to be changed; say what: ports, backends, load balancing, affinity, weights or the "
                    + "endpoint mode");
        }
    }

    /**
     * The service as it shall be.
     *
     * @throws WeftException.NotFound    if it has no port or backend that is to be taken away
     * @throws WeftException.InvalidSpec if it cannot be so: a weight of none of its backends, load balancing without a VIP, a port twice
     */
    public ServiceSpec applyTo(ServiceSpec before) {
        EndpointMode newMode = mode.orElse(before.mode());
        return new ServiceSpec(before.name(), backends(before), newMode, newMode == EndpointMode.VIP ? before.vip() : Optional.empty(),
                balancing(before.balancing()), publication(before));
    }

    private List<String> backends(ServiceSpec before) {
        List<String> backends = new ArrayList<>(before.backends());
        for (String removed : backendRemove) {
            if (!backends.remove(removed)) {
                throw new WeftException.NotFound("service '" + before.name() + "' has no backend '" + removed + "'; it has " + before.backends());
            }
        }
        backends.addAll(backendAdd);
        return backends;
    }

    private Balancing balancing(Balancing before) {
        Map<String, Integer> merged = new HashMap<>(before.weights());
        merged.keySet().removeAll(backendRemove);
        merged.putAll(weights);
        merged.values().removeIf(weight -> weight == 1); // what who is not named has
        return new Balancing(balancing.orElse(before.method()), affinity.orElse(before.affinity()), merged);
    }

    private Publication publication(ServiceSpec before) {
        List<PublishedPort> ports = new ArrayList<>(before.publication().ports());
        for (PortSelector removed : publishRemove) {
            if (!ports.removeIf(removed::matches)) {
                throw new WeftException.NotFound("service '" + before.name() + "' has not published '" + removed + "'; it has published "
                        + before.publication().ports());
            }
        }
        ports.addAll(publishAdd);
        return new Publication(ports, before.publication().masquerade());
    }

    public static Builder change() {
        return new Builder();
    }

    /** Collects a {@link ServiceUpdate}. Not thread-safe. */
    public static final class Builder {
        private final List<PortSelector> publishRemove = new ArrayList<>();
        private final List<PublishedPort> publishAdd = new ArrayList<>();
        private final List<String> backendRemove = new ArrayList<>();
        private final List<String> backendAdd = new ArrayList<>();
        private Optional<LoadBalancing> balancing = Optional.empty();
        private Optional<Boolean> affinity = Optional.empty();
        private final Map<String, Integer> weights = new HashMap<>();
        private Optional<EndpointMode> mode = Optional.empty();

        private Builder() {
        }

        /** @param spec as {@link PublishedPort#parse} reads it */
        public Builder publish(String spec) {
            publishAdd.add(PublishedPort.parse(spec));
            return this;
        }

        /** @param selector as {@link PortSelector#parse} reads it */
        public Builder unpublish(String selector) {
            publishRemove.add(PortSelector.parse(selector));
            return this;
        }

        public Builder addBackend(String name) {
            backendAdd.add(name);
            return this;
        }

        public Builder removeBackend(String name) {
            backendRemove.add(name);
            return this;
        }

        public Builder balancing(LoadBalancing value) {
            balancing = Optional.of(value);
            return this;
        }

        public Builder affinity(boolean value) {
            affinity = Optional.of(value);
            return this;
        }

        public Builder weight(String backend, int value) {
            weights.put(backend, value);
            return this;
        }

        public Builder mode(EndpointMode value) {
            mode = Optional.of(value);
            return this;
        }

        public ServiceUpdate build() {
            return new ServiceUpdate(publishRemove, publishAdd, backendRemove, backendAdd, balancing, affinity, weights, mode);
        }
    }
}
