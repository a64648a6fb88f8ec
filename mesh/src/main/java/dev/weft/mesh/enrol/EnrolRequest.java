package dev.weft.mesh.enrol;

import dev.weft.api.NodeRole;

/**
 * A node that has no certificate yet asks for one.
 *
 * @param name               it wants to have
 * @param secret             of the role, from the join token
 * @param certificateRequest PKCS #10, DER
 */
@SuppressWarnings("ArrayRecordComponent")
public record EnrolRequest(String name, NodeRole role, String secret, byte[] certificateRequest) {

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "EnrolRequest[" + name + ", " + role + "]";
    }
}
