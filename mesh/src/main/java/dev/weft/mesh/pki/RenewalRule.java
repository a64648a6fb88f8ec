package dev.weft.mesh.pki;

import dev.weft.api.NodeRole;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** When a node asks for another certificate. Pure. */
public final class RenewalRule {

    private RenewalRule() {
    }

    /**
     * @param signing digest of the CA that signs at the moment
     * @param role    that the cluster gives to the node
     */
    public static boolean isDue(KeyMaterial current, String signing, NodeRole role, Instant now) {
        return !current.issuerDigest().equals(signing) || current.subject().role() != role || !now.isBefore(halfLife(current.certificate()));
    }

    /** Half of its life, the hour before its making not counted. */
    public static Instant halfLife(X509Certificate certificate) {
        Instant made = certificate.getNotBefore().toInstant().plus(CertificateAuthority.CLOCK_SKEW);
        return made.plus(Duration.between(made, certificate.getNotAfter().toInstant()).dividedBy(2));
    }
}
