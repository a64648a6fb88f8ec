package dev.weft.mesh.keys;

import dev.weft.api.WeftException;
import dev.weft.mesh.pki.CertificateRefused;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakePlaces;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.PeerCheck;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.schedule.AcceptPause;
import dev.weft.mesh.state.RetryDelay;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a node's {@link KeyRing} with those of its peers, by TLS on the port from node to node. Of two nodes, the one with the smaller
 * id opens the connection; the other does so too when none has come for a while. Virtual threads carry the connections; one thread
 * of its own keeps the time.
 */
public final class KeyDaemon implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyDaemon.class);

    private static final long TICK_MILLIS = 100;
    private static final int CONNECT_MILLIS = 3_000;
    /** How long the node with the greater id waits for the other to call. */
    private static final long WAIT_FOR_CALL_MILLIS = 2_000;
    /** A connection that lasted for so long was not refused by the other end. */
    private static final long LASTING_MILLIS = 5_000;
    private static final int BACKLOG = 128;

    private final String self;
    private final KeyRing ring;
    private final KeyTls tls;
    private final NodeCredentials credentials;
    private final InstantSource clock;
    private final Function<String, Optional<InetSocketAddress>> addressOf;
    private final ServerSocket server;
    private final Thread acceptor;
    private final ScheduledExecutorService timer;
    private final KeyHandshake handshake;
    private final HandshakePlaces places;
    private final Map<String, Call> calls = new ConcurrentHashMap<>();
    /** The timer's. */
    private KeyMaterial checkedWith;
    private final Set<KeyConnection> connections = ConcurrentHashMap.newKeySet();

    /** Attempts to reach one peer. */
    private static final class Call {
        private long notBefore;
        private int failures;
        private boolean underWay;

        private Call(long notBefore) {
            this.notBefore = notBefore;
        }

        private synchronized boolean begin(long now) {
            if (underWay || now - notBefore < 0) {
                return false;
            }
            underWay = true;
            return true;
        }

        private synchronized void ended(boolean good) {
            failures = good ? 0 : failures + 1;
            notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RetryDelay.afterMillis(Math.max(1, failures)));
            underWay = false;
        }

        private synchronized boolean isOver(long now) {
            return !underWay && now - notBefore > 0;
        }
    }

    /**
     * Listens from now on.
     *
     * @param self      id of this node
     * @param addressOf where a member of the cluster listens, by its id; empty: it is none
     * @param clock     for certificates
     * @throws WeftException.PortInUse if the port is taken
     */
    public KeyDaemon(String self, KeyRing ring, NodeCredentials credentials, InetSocketAddress listen,
                     Function<String, Optional<InetSocketAddress>> addressOf, InstantSource clock) {
        this.self = self;
        this.ring = ring;
        this.credentials = credentials;
        this.addressOf = addressOf;
        this.clock = clock;
        this.tls = new KeyTls(credentials, member());
        this.server = bind(listen);
        this.places = new HandshakePlaces("weft-keys-deadlines-" + self);
        this.timer = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("weft-keys-" + self).factory());
        this.handshake = new KeyHandshake(tls, credentials.refusals(), timer);
        this.acceptor = Thread.ofVirtual().name("weft-keys-accept").start(this::accept);
        timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ServerSocket bind(InetSocketAddress listen) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(listen, BACKLOG);
            return socket;
        } catch (IOException e) {
            throw new WeftException.PortInUse("cannot listen at " + listen.getAddress().getHostAddress() + ":" + listen.getPort()
                    + " for other nodes: " + e.getMessage() + "; give another port from node to node, or stop what has it", e);
        }
    }

    private PeerCheck member() {
        return subject -> {
            if (subject.nodeId().equals(self) || addressOf.apply(subject.nodeId()).isEmpty()) {
                throw new CertificateRefused(Refusal.REVOKED, "node " + subject.nodeId() + " is no other member of the cluster");
            }
        };
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                places.tryTake(socket).ifPresentOrElse(place -> Thread.ofVirtual().name("weft-keys-from").start(() -> answer(socket, place)),
                        () -> HandshakePlaces.closeQuietly(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    LOG.warn("keys: {}", e.toString());
                    AcceptPause.take();
                }
            }
        }
    }

    private void answer(Socket socket, HandshakePlaces.Place place) {
        Optional<KeyConnection> connection;
        try (place) {
            connection = handshake.answer(socket, place);
        }
        connection.ifPresent(this::talk);
    }

    private void call(String peer, InetSocketAddress address, Call call) {
        Socket socket = new Socket();
        Optional<KeyConnection> connection = Optional.empty();
        try {
            socket.connect(address, CONNECT_MILLIS);
            connection = handshake.call(socket, peer);
        } catch (IOException e) {
            LOG.debug("keys: node {} at {} cannot be reached: {}", peer, address, e.toString());
        }
        long connected = System.nanoTime();
        try {
            connection.ifPresent(this::talk);
        } finally { // whatever ends it, the peer is called again
            // a server that refuses a certificate says so only when its client takes the handshake for done
            boolean good = System.nanoTime() - connected > TimeUnit.MILLISECONDS.toNanos(LASTING_MILLIS);
            call.ended(good);
        }
    }

    private void talk(KeyConnection connection) {
        connections.add(connection);
        try {
            if (server.isClosed()) {
                connection.close("the node is closed");
            }
            connection.run(ring);
        } catch (KeyProtocolException e) {
            credentials.refusals().count(ControlPort.NODE, Refusal.MALFORMED, connection.socket().getInetAddress(),
                    "node " + connection.peer() + " breaks the rules: " + e.getMessage());
        } finally {
            connections.remove(connection);
        }
    }

    private void tick() {
        try {
            ring.tick();
            closeWhatIsNotTrusted();
            Set<String> missing = ring.missing();
            long now = System.nanoTime();
            calls.entrySet().removeIf(each -> !missing.contains(each.getKey()) && each.getValue().isOver(now));
            missing.forEach(this::callIfDue);
        } catch (RuntimeException e) {
            LOG.error("keys: unexpected", e);
        }
    }

    /** A connection does not outlive the certificate that it was opened with, nor the trust in who issued it. */
    private void closeWhatIsNotTrusted() {
        KeyMaterial current = credentials.current();
        for (KeyConnection connection : connections) {
            X509Certificate certificate = connection.certificate();
            if (current != checkedWith || clock.instant().isAfter(certificate.getNotAfter().toInstant())) {
                try {
                    tls.trust().verify(new X509Certificate[] {certificate}, connection.socket().getInetAddress());
                } catch (CertificateRefused e) {
                    connection.close(e.getMessage());
                }
            }
        }
        checkedWith = current;
    }

    private void callIfDue(String peer) {
        Optional<InetSocketAddress> address = addressOf.apply(peer);
        if (address.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        long wait = self.compareTo(peer) < 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(WAIT_FOR_CALL_MILLIS);
        Call call = calls.computeIfAbsent(peer, id -> new Call(now + wait));
        if (call.begin(now)) {
            Thread.ofVirtual().name("weft-keys-call-" + peer).start(() -> call(peer, address.get(), call));
        }
    }

    /** Connections end; keys stay as they are. Idempotent. */
    @Override
    public void close() {
        timer.shutdownNow();
        timer.close();
        try {
            server.close();
            acceptor.join(); // until it has woken up the port is not free
        } catch (IOException e) {
            LOG.debug("keys: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        places.close();
        connections.forEach(connection -> connection.close("the node is closed"));
    }
}
