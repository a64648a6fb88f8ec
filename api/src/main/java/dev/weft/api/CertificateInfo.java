package dev.weft.api;

import java.time.Instant;

/**
 * What proves a node's identity.
 *
 * @param role      that the certificate gives to the node
 * @param notAfter  when it ends; it is renewed at half its life
 * @param authority SHA-256 of the CA's certificate, 64 hexadecimal digits; what join tokens begin with
 */
public record CertificateInfo(NodeRole role, Instant notAfter, String authority) {
}
