package dev.weft.mesh.pki;

import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides about peers' certificates by the cluster's CAs of the moment. Names of hosts mean nothing here: a certificate says
 * which node it is, wherever that node is at the moment.
 */
public final class PeerTrust extends X509ExtendedTrustManager {

    /** Hears of each refusal. */
    interface Listener {

        /** @param peer null when it is not known */
        void refused(CertificateRefused why, InetAddress peer);
    }

    private final Supplier<TrustBundle> trust;
    private final InstantSource clock;
    private final PeerCheck check;
    private final Listener listener;

    PeerTrust(Supplier<TrustBundle> trust, InstantSource clock, PeerCheck check, Listener listener) {
        this.trust = trust;
        this.clock = clock;
        this.check = check;
        this.listener = listener;
    }

    /** @return who the peer is */
    public CertificateSubject verify(X509Certificate[] chain, InetAddress peer) throws CertificateRefused {
        try {
            CertificateSubject subject = trust.get().check(chain, clock.instant());
            check.require(subject);
            return subject;
        } catch (CertificateRefused e) {
            listener.refused(e, peer);
            throw e;
        }
    }

    private static InetAddress address(Socket socket) {
        return socket == null ? null : socket.getInetAddress();
    }

    /** An engine knows a literal, or nothing. */
    private static InetAddress address(SSLEngine engine) {
        if (engine == null || engine.getPeerHost() == null) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(engine.getPeerHost());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateRefused {
        verify(chain, address(socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateRefused {
        verify(chain, address(socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateRefused {
        verify(chain, address(engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateRefused {
        verify(chain, address(engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateRefused {
        verify(chain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateRefused {
        verify(chain, null);
    }

    /** Names in the certificate request help nobody: a node has one certificate. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
