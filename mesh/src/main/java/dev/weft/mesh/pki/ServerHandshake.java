package dev.weft.mesh.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * The server's side of TLS on a connection to one of a node's ports; counts whom it refuses, once for each connection. Thread-safe.
 */
public final class ServerHandshake {

    /** RFC 8446, 5.1: the type of the first record. */
    private static final int HANDSHAKE_RECORD = 22;

    private final ControlPort port;
    private final SSLContext context;
    private final PeerTrust trust;
    private final boolean anonymous;
    private final Refusals refusals;

    ServerHandshake(ControlPort port, SSLContext context, PeerTrust trust, boolean anonymous, Refusals refusals) {
        this.port = port;
        this.context = context;
        this.trust = trust;
        this.anonymous = anonymous;
        this.refusals = refusals;
    }

    /**
     * Takes as long as the peer does, who may send a byte now and then: close the connection when that is too long.
     *
     * @return nothing when the peer is refused; the connection is to be closed then
     */
    public Optional<SSLSocket> perform(Socket connection) {
        InetAddress peer = connection.getInetAddress();
        try {
            int first = first(connection);
            if (first != HANDSHAKE_RECORD) {
                refusals.count(port, first < 0 ? Refusal.SILENT : Refusal.NOT_TLS, peer,
                        first < 0 ? "closed without a word" : "its first byte is " + first);
                return Optional.empty();
            }
            SSLSocket tls = secured(connection, first);
            tls.startHandshake();
            verify(tls.getSession(), peer);
            return Optional.of(tls);
        } catch (IOException | CertificateRefused e) {
            HandshakeFailure.reason(e).ifPresent(reason -> refusals.count(port, reason, peer, HandshakeFailure.detail(e)));
            return Optional.empty();
        }
    }

    /** Negative when there is none. */
    private static int first(Socket connection) {
        try {
            return connection.getInputStream().read();
        } catch (IOException e) {
            return -1;
        }
    }

    private SSLSocket secured(Socket connection, int first) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory()
                .createSocket(connection, new ByteArrayInputStream(new byte[] {(byte) first}), true);
        SSLParameters parameters = NodeCredentials.parameters();
        parameters.setNeedClientAuth(!anonymous);
        if (anonymous) {
            parameters.setWantClientAuth(true);
        }
        tls.setSSLParameters(parameters);
        tls.setUseClientMode(false);
        return tls;
    }

    /** In a session that is resumed (RFC 8446, 2.2) nobody has looked at the certificate, and much may have changed since. */
    private void verify(SSLSession session, InetAddress peer) throws CertificateRefused {
        X509Certificate[] chain;
        try {
            chain = Arrays.copyOf(session.getPeerCertificates(), session.getPeerCertificates().length, X509Certificate[].class);
        } catch (SSLPeerUnverifiedException e) {
            return; // there is none, or the handshake would have failed
        }
        trust.verify(chain, peer);
    }
}
