package dev.weft.mesh.keys;

import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.PeerTrust;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.BCSSLParameters;
import org.bouncycastle.jsse.BCSSLSocket;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;

/**
 * TLS 1.3 between two nodes: both show a certificate of the cluster; the key agreement is hybrid, so that who records it today and has a
 * quantum computer one day learns nothing. By Bouncy Castle's JSSE, since the JDK's has no hybrid group yet.
 */
final class KeyTls {

    /** The second one is never agreed on between two of us; Bouncy Castle wants the curve of the certificates among the groups. */
    private static final String[] GROUPS = {"X25519MLKEM768", "secp256r1"};
    private static final String[] SUITES = {"TLS_AES_256_GCM_SHA384"};
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    /** It writes a line for each connection, and a stack trace for each that ends in the middle. Kept, for loggers are collected. */
    private static final Logger CHATTER = Logger.getLogger("org.bouncycastle.jsse");

    static {
        if (CHATTER.getLevel() == null) {
            CHATTER.setLevel(Level.SEVERE);
        }
    }

    private final SSLContext context;
    private final PeerTrust trust;

    KeyTls(NodeCredentials credentials, PeerCheck check) {
        trust = credentials.trustManager(ControlPort.NODE, check);
        try {
            context = SSLContext.getInstance(PROTOCOLS[0], new BouncyCastleJsseProvider(false, new BouncyCastleProvider()));
            context.init(new KeyManager[] {credentials.keyManager()}, new TrustManager[] {trust}, new SecureRandom());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Bouncy Castle has TLS 1.3", e);
        }
    }

    /** TLS on a connection, before the handshake; closing it closes the connection. */
    SSLSocket over(Socket socket, boolean isClient) throws IOException {
        return prepared((SSLSocket) context.getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true), isClient);
    }

    /** The same for a connection that was accepted. @param heard all that comes over it */
    SSLSocket over(Socket socket, HeardInput heard) throws IOException {
        return prepared((SSLSocket) context.getSocketFactory().createSocket(socket, heard, true), false);
    }

    private static SSLSocket prepared(SSLSocket tls, boolean isClient) {
        tls.setUseClientMode(isClient);
        BCSSLParameters parameters = new BCSSLParameters(SUITES, PROTOCOLS);
        parameters.setNamedGroups(GROUPS);
        parameters.setNeedClientAuth(!isClient);
        ((BCSSLSocket) tls).setParameters(parameters);
        return tls;
    }

    /** Who is at the other end, after the handshake. */
    static CertificateSubject peer(SSLSocket tls) throws SSLPeerUnverifiedException {
        return CertificateSubject.of(certificate(tls)).orElseThrow(() -> new SSLPeerUnverifiedException("its certificate is not a node's"));
    }

    static X509Certificate certificate(SSLSocket tls) throws SSLPeerUnverifiedException {
        return (X509Certificate) tls.getSession().getPeerCertificates()[0];
    }

    PeerTrust trust() {
        return trust;
    }
}
