package dev.weft.mesh.pki;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A running node's key material: what was made from it once uses the newest at each handshake. Thread-safe.
 */
public final class NodeCredentials {

    public static final String PROTOCOL = "TLSv1.3";

    private static final String[] CIPHER_SUITES = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"};

    private final InstantSource clock;
    private final Refusals refusals;
    private volatile KeyMaterial current;
    /** The one before, for handshakes that began with it. */
    private volatile KeyMaterial previous;

    public NodeCredentials(KeyMaterial first, InstantSource clock, Refusals refusals) {
        this.current = first;
        this.previous = first;
        this.clock = clock;
        this.refusals = refusals;
    }

    public KeyMaterial current() {
        return current;
    }

    public synchronized void replace(KeyMaterial next) {
        previous = current;
        current = next;
    }

    public Refusals refusals() {
        return refusals;
    }

    /** AES-GCM suites of TLS 1.3, best first. */
    public static String[] cipherSuites() {
        return CIPHER_SUITES.clone();
    }

    /** TLS 1.3 with AES-GCM and nothing else. */
    public static SSLParameters parameters() {
        return new SSLParameters(cipherSuites(), new String[] {PROTOCOL});
    }

    /** Presents the node's certificate, whatever the peer asks for. */
    public X509ExtendedKeyManager keyManager() {
        return new CurrentKey();
    }

    /** Accepts peers that have a certificate of the cluster and pass a check; counts the others. */
    public PeerTrust trustManager(ControlPort port, PeerCheck check) {
        return trustManager(check, (why, peer) -> refusals.count(port, why.reason(), peer, why.getMessage()));
    }

    /** The same for a server's side, where the failed handshake is what is counted. */
    public PeerTrust trustManager(PeerCheck check) {
        return trustManager(check, (why, peer) -> { });
    }

    private PeerTrust trustManager(PeerCheck check, PeerTrust.Listener listener) {
        return new PeerTrust(() -> current.trust(), clock, check, listener);
    }

    /** For sockets that call a port; {@link #parameters} are to be set on each. */
    public SSLContext context(ControlPort port, PeerCheck check) {
        return context(trustManager(port, check));
    }

    /**
     * For sockets that accept at a port.
     *
     * @param check     of certificates
     * @param anonymous whether those without a certificate are let in, too
     */
    public ServerHandshake handshake(ControlPort port, PeerCheck check, boolean anonymous) {
        PeerTrust trust = trustManager(check);
        return new ServerHandshake(port, context(trust), trust, anonymous, refusals);
    }

    private SSLContext context(PeerTrust trust) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(new KeyManager[] {keyManager()}, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has TLS 1.3", e);
        }
    }

    private final class CurrentKey extends X509ExtendedKeyManager {

        /** An alias names one certificate: a renewal may come between the calls of one handshake. */
        private String choose() {
            return current.certificate().getSerialNumber().toString(16);
        }

        private KeyMaterial chosen(String alias) {
            KeyMaterial newest = current;
            return newest.certificate().getSerialNumber().toString(16).equals(alias) ? newest : previous;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
            return choose();
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return choose();
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return keyType.contains("EC") ? choose() : null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keyType.contains("EC") ? choose() : null;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {choose()};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {choose()};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chosen(alias).chain().toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return chosen(alias).key();
        }
    }
}
