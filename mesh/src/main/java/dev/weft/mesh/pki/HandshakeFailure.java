package dev.weft.mesh.pki;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Why a TLS handshake failed at the server's side, by the JDK's and Netty's exceptions, whose kinds are in their texts only. */
public final class HandshakeFailure {

    private HandshakeFailure() {
    }

    /** Nothing when it was the peer who refused us, which is its own business. */
    public static Optional<Refusal> reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateRefused refused) {
                return Optional.of(refused.reason());
            }
        }
        String text = text(failure);
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

    private static boolean isSilence(Throwable failure) {
        return failure instanceof ClosedChannelException || failure instanceof EOFException || failure instanceof SocketTimeoutException
                || !(failure instanceof SSLException) || text(failure).contains("timed out") || text(failure).contains("Remote host terminated");
    }

    /** The innermost message, for a log. */
    public static String detail(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }
}
