package dev.weft.mesh.enrol;

/**
 * A member asks for another certificate, over a connection that its present one authenticates.
 *
 * @param certificateRequest PKCS #10, DER
 */
@SuppressWarnings("ArrayRecordComponent")
public record RenewRequest(byte[] certificateRequest) {
}
