package dev.weft.mesh.enrol;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakeFailure;
import dev.weft.mesh.pki.HandshakePlaces;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.ServerHandshake;
import dev.weft.mesh.schedule.AcceptPause;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A manager's management port. TLS 1.3 from the first byte; who has a certificate shows it, who joins shows a role secret inside.
 * One request a connection, a thread each, and a limit to both their time and their number.
 */
public final class ManagementServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    /** Until the thread that accepts has seen that it is to end. */
    private static final long END_MS = 5_000;

    private final ServerSocket socket;
    private final Thread acceptor;
    private final ServerHandshake handshake;
    private final Refusals refusals;
    private final Authority authority;
    private final MemberEndpoints endpoints;
    /** For a handshake and a request together. */
    private final HandshakePlaces places = new HandshakePlaces("weft-management-deadlines");

    private ManagementServer(ServerSocket socket, NodeCredentials credentials, Authority authority, MemberEndpoints endpoints) {
        this.socket = socket;
        this.handshake = credentials.handshake(ControlPort.MANAGEMENT, PeerCheck.ANYONE, true);
        this.refusals = credentials.refusals();
        this.authority = authority;
        this.endpoints = endpoints;
        this.acceptor = Thread.ofPlatform().daemon().name("weft-management-" + socket.getLocalPort()).unstarted(this::accept);
    }

    /** @throws WeftException.PortInUse if the port is taken */
    public static ManagementServer start(InetSocketAddress address, NodeCredentials credentials, Authority authority,
                                         MemberEndpoints endpoints) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(address);
            ManagementServer server = new ManagementServer(socket, credentials, authority, endpoints);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            throw new WeftException.PortInUse("TCP port " + address.getPort() + " on " + address.getAddress().getHostAddress()
                    + " cannot be taken (" + e.getMessage() + "); stop who has it, or choose another management port", e);
        }
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                places.take(connection).ifPresentOrElse(place -> Thread.ofVirtual().start(() -> serve(connection, place)),
                        () -> HandshakePlaces.closeQuietly(connection));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.warn("management port: {}", e.getMessage());
                    AcceptPause.take();
                }
            }
        }
    }

    private void serve(Socket connection, HandshakePlaces.Place place) {
        InetAddress peer = connection.getInetAddress();
        try (place; connection; SSLSocket tls = handshake.perform(connection).orElse(null)) {
            if (tls != null) {
                answer(tls, peer);
            }
        } catch (IOException e) {
            // it was let in: who goes without a request is as one who never makes it
            HandshakeFailure.reason(e).map(reason -> reason == Refusal.HUNG_UP ? Refusal.SILENT : reason)
                    .ifPresent(reason -> refuse(reason, peer, HandshakeFailure.detail(e)));
        } catch (RuntimeException e) {
            LOG.error("management port: a request of {} failed unexpectedly", peer.getHostAddress(), e);
        }
    }

    private void answer(SSLSocket tls, InetAddress peer) throws IOException {
        Frame answer;
        try {
            Frame request = Frame.read(new DataInputStream(tls.getInputStream()));
            answer = new Frame(Frame.DONE, RecordCodec.encode(perform(request, tls.getSession())));
        } catch (WeftException e) {
            reason(e, peer);
            answer = new Frame(Frame.REFUSED, RecordCodec.encode(new Refused(e.code(), e.getMessage())));
        } catch (RecordCodec.UnreadableRecord e) {
            refuse(Refusal.MALFORMED, peer, e.getMessage());
            answer = new Frame(Frame.REFUSED, RecordCodec.encode(new Refused("invalid-spec", "the request cannot be read")));
        }
        answer.write(new DataOutputStream(tls.getOutputStream()));
    }

    private Record perform(Frame request, SSLSession session) {
        return switch (request.kind()) {
            case Frame.ENROL -> authority.enrol(RecordCodec.decode(request.body(), EnrolRequest.class));
            case Frame.RENEW -> authority.renew(member(session).nodeId(), RecordCodec.decode(request.body(), RenewRequest.class));
            case Frame.ATTACH -> endpoints.attach(member(session).nodeId(), RecordCodec.decode(request.body(), AttachRequest.class));
            case Frame.DETACH -> endpoints.detach(member(session).nodeId(), RecordCodec.decode(request.body(), EndpointRecord.class));
            default -> throw new WeftException.InvalidSpec("request " + request.kind() + " is not known here; update the manager");
        };
    }

    private static CertificateSubject member(SSLSession session) {
        try {
            return CertificateSubject.of((X509Certificate) session.getPeerCertificates()[0]).orElseThrow();
        } catch (SSLPeerUnverifiedException e) {
            throw new WeftException.IdentityRefused("this is for members, and the connection shows no certificate");
        }
    }

    private void reason(WeftException failure, InetAddress peer) {
        switch (failure) {
            case WeftException.TokenRefused _ -> refuse(Refusal.WRONG_TOKEN, peer, failure.getMessage());
            case WeftException.IdentityRefused _ -> refuse(Refusal.REVOKED, peer, failure.getMessage());
            case WeftException.InvalidSpec _ -> refuse(Refusal.MALFORMED, peer, failure.getMessage());
            default -> LOG.info("management port: {} was told: {}", peer.getHostAddress(), failure.getMessage());
        }
    }

    private void refuse(Refusal reason, InetAddress peer, String detail) {
        refusals.count(ControlPort.MANAGEMENT, reason, peer, detail);
    }

    /** Idempotent; the port is free when it returns, for the kernel keeps it until the thread that accepts has woken up. */
    @Override
    public void close() {
        try {
            socket.close();
            places.close();
            acceptor.join(END_MS);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the management port", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
