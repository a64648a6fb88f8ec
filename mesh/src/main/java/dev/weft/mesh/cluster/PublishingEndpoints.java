package dev.weft.mesh.cluster;

import dev.weft.api.EndpointSpec;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;

/** Endpoints that publish ports, of a node that is no manager: a manager makes and removes them in its place. */
public interface PublishingEndpoints {

    /**
     * Throws what {@link EndpointRegistry#create} does.
     *
     * @throws dev.weft.api.WeftException.ManagerUnreachable if no manager answers; the endpoint may have been made
     */
    EndpointRecord create(NetworkRecord network, EndpointSpec spec);

    /** @throws dev.weft.api.WeftException.ManagerUnreachable if no manager answers; the endpoint may have been removed */
    void remove(EndpointRecord endpoint);
}
