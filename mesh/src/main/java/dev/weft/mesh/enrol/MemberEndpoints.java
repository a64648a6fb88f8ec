package dev.weft.mesh.enrol;

import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.NetworkRegistry;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;

/**
 * Attaches and removes, in place of a member that may not write what publishes ports, those of its endpoints that have any: with one
 * transaction, in which the endpoint belongs to the member and what publishes its ports to the managers. Whose an endpoint is follows from
 * the certificate of who asks. For managers; thread-safe.
 */
public final class MemberEndpoints {

    private final Registries registries;

    public MemberEndpoints(Registries registries) {
        this.registries = registries;
    }

    /** Throws what {@link dev.weft.mesh.cluster.EndpointRegistry#create} does. */
    EndpointRecord attach(String nodeId, AttachRequest request) {
        NodeRecord node = node(nodeId);
        NetworkRecord network = registries.networks().find(request.network()).filter(now -> now.vni() == request.vni())
                .orElseThrow(() -> NetworkRegistry.notFound(request.network()));
        if (request.endpoint().publication().isNone()) {
            throw new WeftException.InvalidSpec("endpoint '" + request.endpoint().name() + "' publishes nothing; its node attaches it by itself");
        }
        return registries.endpoints().create(network, request.endpoint(), node);
    }

    /** Nothing happens when it is gone, or another one has its name. */
    EndpointRecord detach(String nodeId, EndpointRecord endpoint) {
        node(nodeId);
        if (!endpoint.node().equals(nodeId)) {
            throw new WeftException.NotFound("node " + nodeId + " has no endpoint '" + endpoint.name() + "' in network '" + endpoint.network()
                    + "'; detach it at the node that attached it");
        }
        registries.endpoints().find(endpoint.network(), endpoint.name()).filter(endpoint::isSame).ifPresent(registries.endpoints()::remove);
        return endpoint;
    }

    /** A member writes its node's record itself: one that speaks of another node is none. */
    private NodeRecord node(String id) {
        return registries.membership().member(id).flatMap(member -> registries.membership().find(id)).filter(node -> node.id().equals(id))
                .orElseThrow(() -> new WeftException.IdentityRefused("node " + id + " is not a member of the cluster any more; take an empty data "
                        + "directory and join again with a token"));
    }
}
