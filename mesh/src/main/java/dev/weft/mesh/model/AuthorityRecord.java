package dev.weft.mesh.model;

import java.util.List;

/**
 * The cluster's CAs: what every node knows.
 *
 * @param signing PEM of the CA that signs at the moment
 * @param other   PEM of a second one that is trusted too, while the CA is being rotated; empty otherwise
 */
public record AuthorityRecord(Phase phase, String signing, String other) {

    /** Where the rotation of the CA stands; see {@code CaRotation}. */
    public enum Phase {
        /** One CA. */
        STABLE,
        /** The old one signs; the next one is made known. */
        SPREADING,
        /** The next one signs; certificates of the old one are still accepted. */
        RENEWING
    }

    /** PEM of each that is trusted. */
    public List<String> trusted() {
        return other.isEmpty() ? List.of(signing) : List.of(signing, other);
    }
}
