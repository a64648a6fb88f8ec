package dev.weft.api;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a service shall be: a name with endpoints behind it. Immutable.
 *
 * @param name      unique in its network
 * @param backends  names of endpoints of the network; one that is not attached yet, or no longer, gets no connections
 * @param mode      whether clients get a virtual address or those of the backends
 * @param vip       the IPv4 or IPv6 virtual address wanted; empty: the cluster takes a free one in each subnet
 * @param balancing how connections to the VIP are spread
 * @param publication its ports that answer at the nodes; by ingress it has a VIP there in either mode. They lead to backends in network
 *                    namespaces and, when all are UDP, to in-process ones with a datagram channel at the target port
 */
public record ServiceSpec(String name, List<String> backends, EndpointMode mode, Optional<InetAddress> vip, Balancing balancing,
                          Publication publication) {

    public ServiceSpec {
        Names.checked("service", name);
        backends = List.copyOf(backends);
        backends.forEach(backend -> Names.checked("backend", backend));
        if (backends.stream().distinct().count() != backends.size()) {
            throw new WeftException.InvalidSpec("service '" + name + "' names a backend twice: " + backends);
        }
        if (mode == EndpointMode.DNSRR && vip.isPresent()) {
            throw new WeftException.InvalidSpec("service '" + name + "' is reached by DNS round robin and has no VIP, but asks for "
                    + vip.get().getHostAddress() + "; leave the address out, or take the endpoint mode VIP");
        }
        if (mode == EndpointMode.DNSRR && !balancing.equals(Balancing.EVEN)) {
            throw new WeftException.InvalidSpec("service '" + name + "' is reached by DNS round robin: its clients choose a backend themselves. "
                    + "It has " + balancing.method() + (balancing.affinity() ? ", affinity" : "") + ", weights " + balancing.weights()
                    + "; take round robin without affinity, each backend with weight 1, or the endpoint mode VIP");
        }
        for (String weighted : balancing.weights().keySet()) {
            if (!backends.contains(weighted)) {
                throw new WeftException.InvalidSpec("service '" + name + "' has a weight for '" + weighted
                        + "', which is none of its backends: " + backends);
            }
        }
    }

    /** A service reached by a VIP that the cluster takes. */
    public static ServiceSpec vip(String name, String... backends) {
        return named(name).backends(backends).build();
    }

    /** A service whose name is the addresses of its live backends. */
    public static ServiceSpec dnsrr(String name, String... backends) {
        return named(name).backends(backends).mode(EndpointMode.DNSRR).build();
    }

    public static Builder named(String name) {
        return new Builder(name);
    }

    /** Collects a {@link ServiceSpec}. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final List<String> backends = new ArrayList<>();
        private EndpointMode mode = EndpointMode.VIP;
        private Optional<InetAddress> vip = Optional.empty();
        private LoadBalancing balancing = LoadBalancing.ROUND_ROBIN;
        private boolean affinity;
        private final Map<String, Integer> weights = new HashMap<>();
        private final List<PublishedPort> ports = new ArrayList<>();
        private boolean masquerade;

        private Builder(String name) {
            this.name = name;
        }

        public Builder backends(String... names) {
            backends.addAll(List.of(names));
            return this;
        }

        public Builder mode(EndpointMode value) {
            mode = value;
            return this;
        }

        public Builder balancing(LoadBalancing value) {
            balancing = value;
            return this;
        }

        /** All connections of a client's address go to one backend. */
        public Builder affinity(boolean value) {
            affinity = value;
            return this;
        }

        /** Of a backend, 1 to {@value Balancing#MAX_WEIGHT}; one that is not named has 1. */
        public Builder weight(String backend, int value) {
            weights.put(backend, value);
            return this;
        }

        public Builder vip(String literal) {
            vip = Optional.of(Cidr.parseAddress(literal));
            return this;
        }

        /** @param spec as {@link PublishedPort#parse} reads it */
        public Builder publish(String spec) {
            ports.add(PublishedPort.parse(spec));
            return this;
        }

        /** Backends see a node's address and not the client's, in what comes by published ports. */
        public Builder masquerade(boolean value) {
            masquerade = value;
            return this;
        }

        public ServiceSpec build() {
            return new ServiceSpec(name, backends, mode, vip, new Balancing(balancing, affinity, weights), new Publication(ports, masquerade));
        }
    }
}
