package dev.weft.api.path;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The way out for endpoints in network namespaces: the node's gateway bridge, and in each namespace an interface at it with the default
 * route. Whatever data path carries the overlay, this is the kernel's. One thread at a time.
 */
public interface GatewayBridge extends AutoCloseable {

    /**
     * Makes it so that the namespaces of these endpoints, and no others, have a way out by the bridge; by difference from what is
     * there, and idempotent. A namespace has one, however many endpoints are in it. One that has a default route of somebody else's
     * keeps that, and gets nothing.
     *
     * @param endpoints in network namespaces, each with what is to be known of its network
     * @return the endpoints that could not be given one, each with the reason; empty when all is so
     */
    Map<EndpointId, WeftException> apply(Collection<Wanted> endpoints);

    /** An endpoint that shall get out. @param subnets of its network, which the bridge's must not overlap */
    record Wanted(LocalEndpoint endpoint, String network, List<Cidr> subnets) {
        public Wanted {
            subnets = List.copyOf(subnets);
        }
    }

    /** Removes all that it made, but for the node's {@code ip_forward}. Idempotent. */
    @Override
    void close();
}
