package dev.weft.mesh.model;

import dev.weft.api.NodeRole;
import java.util.List;

/**
 * What certificate a node has, by its own word.
 *
 * @param notAfter when it ends: ISO 8601
 * @param issuer   digest of the CA that signed it
 * @param trusted  digests of the CAs whose certificates the node accepts
 */
public record CertificateRecord(NodeRole role, String notAfter, String issuer, List<String> trusted) {

    public CertificateRecord {
        trusted = List.copyOf(trusted);
    }
}
