package dev.weft.mesh.identity;

import dev.weft.api.NodeRole;

/**
 * What a node knows of itself from its first start on.
 *
 * @param id         16 hexadecimal digits
 * @param clusterId  32 hexadecimal digits
 * @param hostsStore whether the cluster store runs in this node
 */
public record Identity(String id, String name, NodeRole role, String clusterId, boolean hostsStore) {
}
