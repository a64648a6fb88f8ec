package dev.weft.mesh.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What proves who a node is, and by what it checks others. Immutable: a renewal makes another.
 *
 * @param issuer the CA that signed the certificate; sent with it, so that a node that joins can compare its digest
 */
public record KeyMaterial(PrivateKey key, X509Certificate certificate, X509Certificate issuer, TrustBundle trust) {

    public List<X509Certificate> chain() {
        return List.of(certificate, issuer);
    }

    public CertificateSubject subject() {
        return CertificateSubject.of(certificate).orElseThrow(() -> new IllegalStateException("a node's certificate names a node"));
    }

    /** The CA that signed the certificate, by {@link CertificateAuthority#digest}. */
    public String issuerDigest() {
        return CertificateAuthority.digest(issuer);
    }

    /** The same certificate, other trust. */
    public KeyMaterial withTrust(TrustBundle bundle) {
        return new KeyMaterial(key, certificate, issuer, bundle);
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "KeyMaterial[" + certificate.getSubjectX500Principal().getName() + "]";
    }
}
