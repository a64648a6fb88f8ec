package dev.weft.api;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a service shall be: a name, and a virtual address whose new connections are spread over the backends.
 *
 * @param name     unique in its network
 * @param backends names of endpoints of the network; one that is not attached yet, or no longer, gets no connections
 * @param vip      the IPv4 or IPv6 virtual address wanted; empty: the cluster takes a free one in each subnet
 */
public record ServiceSpec(String name, List<String> backends, Optional<InetAddress> vip) {

    public ServiceSpec {
        Names.checked("service", name);
        backends = List.copyOf(backends);
        backends.forEach(backend -> Names.checked("backend", backend));
        if (backends.stream().distinct().count() != backends.size()) {
            throw new WeftException.InvalidSpec("service '" + name + "' names a backend twice: " + backends);
        }
    }

    /** A service reached by a VIP that the cluster takes. */
    public static ServiceSpec vip(String name, String... backends) {
        return new ServiceSpec(name, List.of(backends), Optional.empty());
    }
}
