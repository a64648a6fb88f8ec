package dev.weft.mesh.keys;

import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakeFailure;
import dev.weft.mesh.pki.HandshakePlaces;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.Refusals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a connection of a socket, once each side has proved who it is; counts whom it refuses. Thread-safe. */
final class KeyHandshake {

    private static final Logger LOG = LoggerFactory.getLogger(KeyHandshake.class);

    private final KeyTls tls;
    private final Refusals refusals;
    private final ScheduledExecutorService timer;

    KeyHandshake(KeyTls tls, Refusals refusals, ScheduledExecutorService timer) {
        this.tls = tls;
        this.refusals = refusals;
        this.timer = timer;
    }

    /** Of a node that calls us: any member may. Ends when its place does. */
    Optional<KeyConnection> answer(Socket socket, HandshakePlaces.Place place) {
        return perform(socket, Optional.empty(), place::isLate);
    }

    /** @param peer id of the node that was called */
    Optional<KeyConnection> call(Socket socket, String peer) {
        ScheduledFuture<?> deadline = timer.schedule(() -> HandshakePlaces.closeQuietly(socket),
                HandshakePlaces.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return perform(socket, Optional.of(peer), () -> false);
        } finally {
            deadline.cancel(false);
        }
    }

    private Optional<KeyConnection> perform(Socket socket, Optional<String> expected, BooleanSupplier late) {
        InetAddress address = socket.getInetAddress();
        HeardInput heard = null;
        try {
            socket.setTcpNoDelay(true);
            heard = new HeardInput(socket.getInputStream());
            SSLSocket secure = expected.isPresent() ? tls.over(socket, true) : tls.over(socket, heard);
            secure.startHandshake();
            String peer = KeyTls.peer(secure).nodeId();
            if (expected.filter(id -> !id.equals(peer)).isPresent()) {
                CertificateRefused wrong = new CertificateRefused(Refusal.WRONG_NODE, "node " + peer + " answers where node "
                        + expected.get() + " should be");
                refusals.count(ControlPort.NODE, wrong.reason(), address, wrong.getMessage());
                throw new IOException(wrong);
            }
            return Optional.of(new KeyConnection(peer, socket, secure, KeyTls.certificate(secure), expected.isPresent()));
        } catch (IOException e) {
            HandshakePlaces.closeQuietly(socket);
            if (expected.isPresent()) {
                LOG.debug("keys: no connection with node {}: {}", expected.get(), e.toString());
            } else if (!isCounted(e)) {
                refusals.count(ControlPort.NODE, late.getAsBoolean() ? Refusal.SILENT : reason(e, heard), address, HandshakeFailure.detail(e));
            }
            return Optional.empty();
        }
    }

    /** A certificate's refusal is counted where it is found out; one that the peer speaks of is not ours. */
    private static boolean isCounted(IOException failure) {
        return cause(failure, CertificateRefused.class).isPresent() || cause(failure, TlsFatalAlertReceived.class).isPresent();
    }

    private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
        Throwable cause = failure;
        while (cause != null && !type.isInstance(cause)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(type.cast(cause));
    }

    /** Bouncy Castle speaks of a failed handshake, too, when the caller hangs up. @param heard null when not even that could be had */
    private static Refusal reason(IOException failure, HeardInput heard) {
        if (heard == null || heard.hasEnded() || cause(failure, SocketException.class).isPresent()) {
            return heard != null && heard.hasSpoken() ? Refusal.HUNG_UP : Refusal.SILENT;
        }
        return switch (cause(failure, TlsFatalAlert.class).map(TlsFatalAlert::getAlertDescription).orElse(AlertDescription.unexpected_message)) {
            case AlertDescription.protocol_version, AlertDescription.handshake_failure, AlertDescription.insufficient_security -> Refusal.TLS_VERSION;
            case AlertDescription.certificate_required -> Refusal.NO_CERTIFICATE;
            default -> Refusal.NOT_TLS;
        };
    }
}
