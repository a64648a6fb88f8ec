package dev.weft.mesh.simulation;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.ClusterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client's session with the {@link Ensemble}, and the connection that it goes by at the moment.
 *
 * <pre>
 *                      broken, or silent for 4 s             not connected for 6 s
 *    CONNECTED --------------------------------> SUSPENDED ------------------------> LOST
 *        ^                                           |                                |
 *        +------- connected, session alive ----------+                                |
 *        +------- connected, session over: LOST was told --------------------------- -+
 * </pre>
 */
final class ClientSession {

    private static final long PATIENCE = ClusterStore.PATIENCE_SECONDS * 1_000_000L;

    private final Ensemble ensemble;
    private final VirtualTime time;
    private final Process process;
    private final Traffic traffic = new Traffic();
    private final VirtualTime.Signal news;
    private final List<Consumer<ClusterStore.Connection>> listeners = new ArrayList<>();
    private final List<WatchedCopy> copies = new ArrayList<>();
    private TcpConnection connection;
    private long session;
    private long seen;
    private ClusterStore.Connection told = ClusterStore.Connection.CONNECTED;
    private boolean cut;
    private long cuts;
    private long losses;
    private boolean closed;

    ClientSession(Ensemble ensemble, Process process) {
        this.ensemble = ensemble;
        this.time = ensemble.time();
        this.process = process;
        this.news = time.signal();
        connect();
        time.after(Timing.PING, this::ping);
    }

    Traffic traffic() {
        return traffic;
    }

    long number() {
        return session;
    }

    /** Null while there is none. */
    TcpConnection connection() {
        return connection;
    }

    boolean isCut() {
        return cut;
    }

    boolean isClosed() {
        return closed;
    }

    private boolean isGone() {
        return closed || process.isKilled();
    }

    /** Of answers, and of the connection. */
    VirtualTime.Signal news() {
        return news;
    }

    /** What this client knows, no server that it connects to may know less of. */
    void hasSeen(long transaction) {
        seen = Math.max(seen, transaction);
    }

    void onConnection(Consumer<ClusterStore.Connection> listener) {
        listeners.add(listener);
    }

    /** Begins a copy, and takes it up again after each reconnection. */
    void follow(WatchedCopy copy) {
        copies.add(copy);
        copy.begin(connection);
    }

    void forget(WatchedCopy copy) {
        copies.remove(copy);
        if (connection != null) {
            copy.unfollow(connection);
        }
    }

    /** No message gets through until {@link #heal}; nobody is told. */
    void partition() {
        cut = true;
        long number = ++cuts;
        time.after(Timing.SILENCE, () -> {
            if (cut && number == cuts && connection != null) {
                lostConnection(connection);
            }
        });
    }

    void heal() {
        cut = false;
        cuts++;
        if (connection != null) {
            connection.healed();
        }
    }

    private void ping() {
        if (isGone()) {
            if (connection != null) {
                connection.close();
            }
            return;
        }
        if (connection != null) {
            TcpConnection pinged = connection;
            pinged.toServer(MessageSizes.PING, () -> pinged.toClient(MessageSizes.PONG, () -> { }));
        }
        time.after(Timing.PING, this::ping);
    }

    private void connect() {
        Server server = ensemble.anyServer();
        traffic.sent(MessageSizes.CONNECT);
        time.after(2 * ensemble.timing().latency().draw(ensemble.random()), () -> {
            if (isGone() || connection != null) {
                return;
            }
            if (cut || !server.serves(seen)) {
                time.after(ensemble.timing().retry().draw(ensemble.random()), this::connect);
            } else {
                connected(server);
            }
        });
    }

    private void connected(Server server) {
        traffic.received(MessageSizes.CONNECTED);
        if (!ensemble.isAlive(session)) {
            if (session != 0) {
                tell(ClusterStore.Connection.LOST);
            }
            session = ensemble.openSession();
        }
        ensemble.connected(session, server);
        connection = new TcpConnection(ensemble, this, server);
        server.add(connection);
        copies.forEach(copy -> copy.follow(connection));
        tell(ClusterStore.Connection.CONNECTED);
        news.raise();
    }

    void lostConnection(TcpConnection lost) {
        if (connection != lost || isGone()) {
            return;
        }
        lost.close();
        copies.forEach(copy -> copy.unfollow(lost));
        connection = null;
        tell(ClusterStore.Connection.SUSPENDED);
        news.raise();
        long number = ++losses;
        time.after(Timing.SESSION_TIMEOUT, () -> {
            if (connection == null && number == losses && !isGone()) {
                tell(ClusterStore.Connection.LOST);
            }
        });
        time.after(ensemble.timing().latency().draw(ensemble.random()), this::connect);
    }

    private void tell(ClusterStore.Connection state) {
        if (state != told) {
            told = state;
            listeners.forEach(listener -> listener.accept(state));
        }
    }

    TcpConnection awaitConnection() {
        process.requireAlive();
        long end = time.micros() + PATIENCE;
        while (connection == null) {
            if (closed || time.micros() >= end) {
                throw new WeftException.ManagerUnreachable(closed ? "this connection has been closed" : "no answer for 5 s", null);
            }
            news.await(end);
            process.requireAlive();
        }
        if (closed) {
            throw new WeftException.ManagerUnreachable("this connection has been closed", null);
        }
        return connection;
    }

    /** The server is told, so that it does not wait for the session to time out. */
    void close() {
        if (closed) {
            return;
        }
        if (connection != null) {
            long owner = session;
            connection.toServer(MessageSizes.PING, () -> ensemble.closeSession(owner));
            connection = null;
        }
        closed = true;
        news.raise();
    }
}
