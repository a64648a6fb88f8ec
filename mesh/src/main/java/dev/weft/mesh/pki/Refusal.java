package dev.weft.mesh.pki;

import java.util.Locale;

/** Why a control port turned somebody away. */
public enum Refusal {
    /** The first bytes are no TLS handshake: plain TCP, a port scan. */
    NOT_TLS,
    /** TLS, but not 1.3 with one of our cipher suites. */
    TLS_VERSION,
    /** No byte, or too few of them, within the time for a handshake or a request; or it went without one. */
    SILENT,
    /** It closed the connection in the middle of a handshake. */
    HUNG_UP,
    /** The peer has no certificate. */
    NO_CERTIFICATE,
    /** A certificate that none of the cluster's CAs issued. */
    UNKNOWN_AUTHORITY,
    /** A certificate whose time is over. */
    EXPIRED,
    /** A certificate whose time has not come: a clock is wrong. */
    NOT_YET_VALID,
    /** The node has been removed from the cluster. */
    REVOKED,
    /** Another node than the one that was called. */
    WRONG_NODE,
    /** A worker's certificate where a manager's is asked for. */
    WRONG_ROLE,
    /** The peer does not trust this cluster's CAs: it has a token of another cluster, or means another one. */
    FOREIGN_CLUSTER,
    /** A join token whose secret is not, or no longer, the role's. */
    WRONG_TOKEN,
    /** A session with the store that belongs to another node. */
    FOREIGN_SESSION,
    /** A worker wrote what is not so into an entry of its own: an address that is another's, say. */
    FALSE_ENTRY,
    /** Inside TLS, but no request that we know. */
    MALFORMED;

    /** {@code wrong-token}, say: how tools print it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
