package dev.weft.mesh.pki;

import java.security.cert.CertificateException;

/** A peer's certificate is not accepted. */
public final class CertificateRefused extends CertificateException {

    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    public CertificateRefused(Refusal reason, String message) {
        super(message);
        this.reason = reason;
    }

    public CertificateRefused(Refusal reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Refusal reason() {
        return reason;
    }
}
