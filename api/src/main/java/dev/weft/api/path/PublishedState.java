package dev.weft.api.path;

import dev.weft.api.Publication;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a node has to make so for ports that answer at its own addresses. Immutable; computed from the cluster's state.
 *
 * @param gateway  this node's endpoint in the ingress network; empty: nothing can be published here
 * @param services in a stable order
 * @param backends of this node: they answer by the node that asked
 */
public record PublishedState(Optional<Gateway> gateway, List<Service> services, List<Backend> backends) {

    /** Nothing at all: applied, it removes everything that was made. */
    public static final PublishedState NONE = new PublishedState(Optional.empty(), List.of(), List.of());

    public PublishedState {
        services = List.copyOf(services);
        backends = List.copyOf(backends);
    }

    /** An interface of the host. */
    public record Gateway(String interfaceName, List<InetAddress> addresses) {
        public Gateway {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * What published ports lead to.
     *
     * @param vips  in the ingress network, one a family
     * @param backends addresses in the ingress network of live backends that take new flows, at any node: for SCTP, which VIPs do not translate
     * @param local addresses in the ingress network of those of its backends that this node carries
     */
    public record Service(String name, List<InetAddress> vips, List<InetAddress> backends, List<InetAddress> local, Publication publication) {
        public Service {
            vips = List.copyOf(vips);
            backends = List.copyOf(backends);
            local = List.copyOf(local);
        }
    }

    /**
     * An interface in the network namespace of a backend.
     *
     * @param gateways of the ingress network's subnets
     */
    public record Backend(String namespace, String interfaceName, List<InetAddress> addresses, List<InetAddress> gateways) {
        public Backend {
            addresses = List.copyOf(addresses);
            gateways = List.copyOf(gateways);
        }
    }
}
