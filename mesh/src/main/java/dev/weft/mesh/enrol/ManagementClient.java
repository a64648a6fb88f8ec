package dev.weft.mesh.enrol;

import dev.weft.api.WeftException;
import dev.weft.mesh.identity.JoinToken;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakePlaces;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.mesh.state.RetryDelay;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a manager's management port. */
public final class ManagementClient {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementClient.class);

    private static final int CONNECT_MS = 8_000;
    /** Longer than the manager gives us. */
    private static final int ANSWER_MS = (int) HandshakePlaces.LONGEST.plusSeconds(5).toMillis();
    /** For a manager's yes or no to who joins. */
    static final Duration JOIN_PATIENCE = Duration.ofSeconds(60);

    private ManagementClient() {
    }

    /**
     * Joins. The secret is shown only to who proves to be a manager of the token's cluster. While no answer comes from any of the managers, as
     * connections break or time out, or their store is away, all are asked again, for a minute: by the same key, and so whoever has been taken in
     * already, and does not know it, is the same node.
     *
     * @param managers one or more
     * @throws WeftException.TokenRefused       if the token is of another cluster, or not or no longer good for this one
     * @throws WeftException.NameTaken          if a live node has the name
     * @throws WeftException.ManagerUnreachable if nobody answers, or something that is no manager
     */
    public static Enrolment enrol(List<InetSocketAddress> managers, JoinToken token, String name, KeyPair keys, InstantSource clock) {
        SSLContext context = context(new PinnedAuthority(token.authority(), clock));
        EnrolRequest request = new EnrolRequest(name, token.role(), token.secret(), CertificateAuthority.request(keys));
        long deadline = System.nanoTime() + JOIN_PATIENCE.toNanos();
        for (int failures = 1;; failures++) {
            WeftException.ManagerUnreachable none = null;
            boolean again = false;
            for (InetSocketAddress manager : managers) {
                try {
                    return ask(manager, context, Frame.ENROL, request, Enrolment.class);
                } catch (WeftException.ManagerUnreachable e) {
                    none = e;
                    again |= mayAnswerLater(e);
                }
            }
            if (!again || System.nanoTime() - deadline > 0) {
                throw none;
            }
            LOG.info("node '{}' asks again to join: {}", name, none.getMessage());
            pause(RetryDelay.afterMillis(failures), none);
        }
    }

    /** A connection that broke, or a manager that cannot say now; not an address where nobody listens, or somebody else. */
    private static boolean mayAnswerLater(WeftException.ManagerUnreachable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost == failure || innermost instanceof EOFException || innermost instanceof SocketTimeoutException
                || innermost instanceof SocketException && !(innermost instanceof ConnectException || innermost instanceof NoRouteToHostException);
    }

    private static void pause(long millis, WeftException.ManagerUnreachable why) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw why;
        }
    }

    /**
     * Asks for another certificate, and where the store is.
     *
     * @throws WeftException.IdentityRefused    if the present certificate is not accepted any more
     * @throws WeftException.ManagerUnreachable if nobody answers, or something that is no manager of this cluster
     */
    public static Enrolment renew(InetSocketAddress manager, NodeCredentials credentials, KeyPair keys) {
        return ask(manager, asMember(credentials), Frame.RENEW, new RenewRequest(CertificateAuthority.request(keys)), Enrolment.class);
    }

    /**
     * Has an endpoint of this node's attached that publishes ports.
     *
     * @throws WeftException                    as the manager's {@link dev.weft.mesh.cluster.EndpointRegistry#create} throws it
     * @throws WeftException.ManagerUnreachable if nobody answers; when the connection broke while the answer was on its way, it may be attached
     */
    public static EndpointRecord attach(InetSocketAddress manager, NodeCredentials credentials, AttachRequest request) {
        return ask(manager, asMember(credentials), Frame.ATTACH, request, EndpointRecord.class);
    }

    /** Has an endpoint of this node's removed, and its ports with it. Nothing happens when it is gone already. Throws as {@link #attach} does. */
    public static EndpointRecord detach(InetSocketAddress manager, NodeCredentials credentials, EndpointRecord endpoint) {
        return ask(manager, asMember(credentials), Frame.DETACH, endpoint, EndpointRecord.class);
    }

    private static SSLContext asMember(NodeCredentials credentials) {
        return credentials.context(ControlPort.MANAGEMENT, PeerCheck.MANAGER);
    }

    private static SSLContext context(TrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance(NodeCredentials.PROTOCOL);
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has TLS 1.3", e);
        }
    }

    private static <T extends Record> T ask(InetSocketAddress manager, SSLContext context, int kind, Record request, Class<T> answered) {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            socket.setSSLParameters(NodeCredentials.parameters());
            socket.connect(manager, CONNECT_MS);
            socket.setSoTimeout(ANSWER_MS);
            socket.startHandshake();
            new Frame(kind, RecordCodec.encode(request)).write(new DataOutputStream(socket.getOutputStream()));
            Frame answer = Frame.read(new DataInputStream(socket.getInputStream()));
            if (answer.kind() != Frame.DONE) {
                throw RecordCodec.decode(answer.body(), Refused.class).exception();
            }
            return RecordCodec.decode(answer.body(), answered);
        } catch (SSLException e) {
            throw refused(manager, e);
        } catch (IOException | RecordCodec.UnreadableRecord e) {
            throw unreachable(manager, e);
        }
    }

    private static WeftException refused(InetSocketAddress manager, SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateRefused refused) {
                return refused.reason() == Refusal.UNKNOWN_AUTHORITY ? new WeftException.TokenRefused("what answers at " + text(manager)
                        + " is not of the cluster that this node's token or certificate is for: " + refused.getMessage()
                        + "; check the address, or ask a manager there for a token (weft token worker)", failure)
                        : unreachable(manager, failure);
            }
        }
        return String.valueOf(failure.getMessage()).contains("certificate")
                ? new WeftException.IdentityRefused("the manager at " + text(manager) + " does not accept this node's certificate ("
                        + failure.getMessage() + "); take an empty data directory and join again with a token", failure)
                : unreachable(manager, failure);
    }

    private static WeftException.ManagerUnreachable unreachable(InetSocketAddress manager, Exception why) {
        return new WeftException.ManagerUnreachable("no manager answers at " + text(manager) + " (" + why.getMessage()
                + "); check the address, that the manager runs and that TCP reaches it", why);
    }

    private static String text(InetSocketAddress manager) {
        return manager.getAddress().getHostAddress() + ":" + manager.getPort();
    }

    /** Accepts a manager whose certificate was signed by the CA that the token names, which it sends along. */
    private record PinnedAuthority(String digest, InstantSource clock) implements X509TrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateRefused {
            List<X509Certificate> pinned = List.of(chain).stream().filter(each -> CertificateAuthority.digest(each).equals(digest)).toList();
            if (pinned.isEmpty()) {
                throw new CertificateRefused(Refusal.UNKNOWN_AUTHORITY, "its CA is not the one that the token names");
            }
            PeerCheck.MANAGER.require(new TrustBundle(pinned).check(chain, clock.instant()));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateRefused {
            throw new CertificateRefused(Refusal.UNKNOWN_AUTHORITY, "this is a client's");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
