package dev.weft.mesh.cluster;

import dev.weft.mesh.store.ClusterStore;
import java.util.random.RandomGenerator;

/** All that is in the cluster store, over one connection. */
public record Registries(Membership membership, NetworkRegistry networks, EndpointRegistry endpoints, ServiceRegistry services,
                         ServerRegistry servers, PolicyRegistry policies) {

    public Registries(ClusterStore store, RandomGenerator random) {
        this(store, new EndpointRegistry(store, random), new ServiceRegistry(store, random), random);
    }

    private Registries(ClusterStore store, EndpointRegistry endpoints, ServiceRegistry services, RandomGenerator random) {
        this(new Membership(store, endpoints), new NetworkRegistry(store, endpoints, random), endpoints, services, new ServerRegistry(store),
                new PolicyRegistry(store));
    }
}
