package dev.weft.mesh.pki;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Why a TLS handshake failed at the server's side, by the JDK's and Netty's exceptions, whose kinds are in their texts only. */
public final class HandshakeFailure {

    /** What a peer says that does not trust our certificate (RFC 8446, 6.2). */
    private static final Pattern DISTRUST = Pattern.compile("Received fatal alert: (bad_certificate|certificate_unknown|unknown_ca)");

    private HandshakeFailure() {
    }

    /** Nothing when the peer gave up for another reason than our certificate, which is its own business. */
    public static Optional<Refusal> reason(Throwable failure) {
        Optional<CertificateRefused> refused = certificate(failure);
        if (refused.isPresent()) {
            return refused.map(CertificateRefused::reason);
        }
        if (isHangUp(failure)) {
            return Optional.of(Refusal.HUNG_UP);
        }
        String text = text(failure);
        if (DISTRUST.matcher(text).find()) {
            return Optional.of(Refusal.FOREIGN_CLUSTER);
        }
        if (text.contains("Received fatal alert") || text.contains("plaintext alert")) {
            return Optional.empty();
        }
        if (text.contains("certificate chain") || text.contains("peer not authenticated")) {
            return Optional.of(Refusal.NO_CERTIFICATE);
        }
        if (text.contains("protocol") || text.contains("cipher suites")) {
            return Optional.of(Refusal.TLS_VERSION);
        }
        return Optional.of(isSilence(failure) ? Refusal.SILENT : Refusal.NOT_TLS);
    }

    private static Optional<CertificateRefused> certificate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateRefused refused) {
                return Optional.of(refused);
            }
        }
        return Optional.empty();
    }

    /** Of the peer; what we close because it takes too long says that the socket is closed. */
    private static boolean isHangUp(Throwable failure) {
        Throwable innermost = innermost(failure);
        String text = text(innermost);
        return innermost instanceof ClosedChannelException || innermost instanceof EOFException || text.contains("Connection reset")
                || text.contains("Broken pipe") || text.contains("Alert: close_notify");
    }

    private static boolean isSilence(Throwable failure) {
        return failure instanceof SocketTimeoutException || !(failure instanceof SSLException) || text(failure).contains("timed out");
    }

    /** What was found, for a log: why a certificate was refused, or the innermost message. */
    public static String detail(Throwable failure) {
        Throwable told = certificate(failure).<Throwable>map(refused -> refused).orElseGet(() -> innermost(failure));
        return told.getMessage() == null ? told.toString() : told.getMessage();
    }

    private static Throwable innermost(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost;
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }
}
