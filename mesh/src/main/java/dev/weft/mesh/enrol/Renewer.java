package dev.weft.mesh.enrol;

import java.security.KeyPair;

/** Gets another certificate for this node's new keys: from this manager itself, or from any manager. */
@FunctionalInterface
public interface Renewer {

    /** @throws dev.weft.api.WeftException if it could not be had; it is asked for again later */
    Enrolment renew(KeyPair keys);
}
