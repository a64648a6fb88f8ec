package dev.weft.mesh.model;

import dev.weft.api.NodeRole;

/**
 * That a node belongs to the cluster, and as what. Managers write it when they admit the node. A certificate counts for nothing
 * without it: removing it takes effect at once.
 *
 * @param joinedWith what {@link dev.weft.mesh.pki.CertificateAuthority#digest} says of the key that it came with, by which the same node is known
 *                   that asks again; empty for a cluster's first one, and for those of before
 */
public record MemberRecord(String id, String name, NodeRole role, String joinedWith) {

    /** Of a node that did not ask to join. */
    public MemberRecord(String id, String name, NodeRole role) {
        this(id, name, role, "");
    }

    public MemberRecord withRole(NodeRole other) {
        return new MemberRecord(id, name, other, joinedWith);
    }
}
