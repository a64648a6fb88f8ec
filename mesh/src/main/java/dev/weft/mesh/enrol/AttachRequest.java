package dev.weft.mesh.enrol;

import dev.weft.api.EndpointSpec;

/**
 * A member asks for an endpoint of its own that publishes ports. The node is the connection's, and not said.
 *
 * @param network name
 * @param vni     the network's: another one may have its name by now
 */
public record AttachRequest(String network, int vni, EndpointSpec endpoint) {
}
