package dev.weft.mesh.pki;

import dev.weft.api.NodeRole;

/** What a port asks of a peer besides a certificate of the cluster. */
@FunctionalInterface
public interface PeerCheck {

    /** Any node of the cluster. */
    PeerCheck ANYONE = subject -> { };

    /** A manager. */
    PeerCheck MANAGER = subject -> {
        if (subject.role() != NodeRole.MANAGER) {
            throw new CertificateRefused(Refusal.WRONG_ROLE, "node " + subject.nodeId() + " is a worker, and this is for managers");
        }
    };

    void require(CertificateSubject subject) throws CertificateRefused;

    /** Both. */
    default PeerCheck and(PeerCheck other) {
        return subject -> {
            require(subject);
            other.require(subject);
        };
    }
}
