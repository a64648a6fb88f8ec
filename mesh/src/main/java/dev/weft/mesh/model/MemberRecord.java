package dev.weft.mesh.model;

import dev.weft.api.NodeRole;

/**
 * That a node belongs to the cluster, and as what. Managers write it when they admit the node. A certificate counts for nothing
 * without it: removing it takes effect at once.
 */
public record MemberRecord(String id, String name, NodeRole role) {
}
