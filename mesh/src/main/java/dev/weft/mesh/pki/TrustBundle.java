package dev.weft.mesh.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;

/** The CAs that a node trusts: one, or two while the CA is being rotated. */
public record TrustBundle(List<X509Certificate> authorities) {

    public TrustBundle {
        authorities = List.copyOf(authorities);
    }

    /** By {@link CertificateAuthority#digest}. */
    public boolean trusts(String authorityDigest) {
        return authorities.stream().map(CertificateAuthority::digest).anyMatch(authorityDigest::equals);
    }

    /**
     * Checks a peer's certificate at a moment (RFC 5280, section 6; a node's certificate is signed by the CA itself).
     *
     * @param chain the peer's own certificate first; what follows it is not needed
     * @return who the peer is
     */
    public CertificateSubject check(X509Certificate[] chain, Instant now) throws CertificateRefused {
        if (chain == null || chain.length == 0) {
            throw new CertificateRefused(Refusal.NO_CERTIFICATE, "no certificate was presented");
        }
        X509Certificate certificate = chain[0];
        validate(certificate, now);
        CertificateSubject subject = CertificateSubject.of(certificate).orElseThrow(() -> new CertificateRefused(Refusal.UNKNOWN_AUTHORITY,
                "certificate of '" + certificate.getSubjectX500Principal().getName() + "' is not a node's"));
        if (certificate.getBasicConstraints() >= 0) {
            throw new CertificateRefused(Refusal.UNKNOWN_AUTHORITY, "a CA certificate is not a node's");
        }
        return subject;
    }

    private void validate(X509Certificate certificate, Instant now) throws CertificateRefused {
        try {
            PKIXParameters parameters = new PKIXParameters(authorities.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false); // membership is looked up in the store instead
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)),
                    parameters);
        } catch (CertPathValidatorException e) {
            throw refused(certificate, e);
        } catch (GeneralSecurityException e) {
            throw new CertificateRefused(Refusal.UNKNOWN_AUTHORITY, "the certificate cannot be checked: " + e.getMessage(), e);
        }
    }

    private static CertificateRefused refused(X509Certificate certificate, CertPathValidatorException failure) {
        if (failure.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
            return new CertificateRefused(Refusal.EXPIRED, "its certificate expired at " + certificate.getNotAfter().toInstant()
                    + "; join it again with a new token", failure);
        }
        if (failure.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
            return new CertificateRefused(Refusal.NOT_YET_VALID, "its certificate is valid from " + certificate.getNotBefore().toInstant()
                    + " on; set the clocks", failure);
        }
        return new CertificateRefused(Refusal.UNKNOWN_AUTHORITY, "its certificate was issued by '"
                + certificate.getIssuerX500Principal().getName() + "', which is none of this cluster's CAs", failure);
    }
}
