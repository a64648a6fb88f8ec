package dev.weft.mesh.simulation;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import dev.weft.mesh.store.Subtree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * A client of the {@link Ensemble}: what {@code ZooKeeperClusterStore} makes of Curator and ZooKeeper, in virtual time.
 *
 * <pre>
 *                      broken, or silent for 4 s             not connected for 6 s
 *    CONNECTED --------------------------------> SUSPENDED ------------------------> LOST
 *        ^                                           |                                |
 *        +------- connected, session alive ----------+                                |
 *        +------- connected, session over: LOST was told --------------------------- -+
 * </pre>
 */
public final class SimulatedStore implements ClusterStore {

    private static final long PATIENCE = PATIENCE_SECONDS * 1_000_000L;

    private final Ensemble ensemble;
    private final VirtualTime time;
    private final Process process;
    private final Traffic traffic = new Traffic();
    private final VirtualTime.Signal news;
    private final List<Consumer<Connection>> listeners = new ArrayList<>();
    private final List<WatchedCopy> copies = new ArrayList<>();
    private TcpConnection connection;
    private long session;
    private long seen;
    private Connection told = Connection.CONNECTED;
    private boolean cut;
    private long cuts;
    private long losses;
    private boolean losesNextAnswer;
    private boolean closed;

    public SimulatedStore(Ensemble ensemble, Process process) {
        this.ensemble = ensemble;
        this.time = ensemble.time();
        this.process = process;
        this.news = time.signal();
        connect();
        time.after(Timing.PING, this::ping);
    }

    public Traffic traffic() {
        return traffic;
    }

    long session() {
        return session;
    }

    boolean isCut() {
        return cut;
    }

    boolean isConnected() {
        return connection != null;
    }

    private boolean isGone() {
        return closed || process.isKilled();
    }

    /** No message gets through until {@link #heal}; nobody is told. */
    public void partition() {
        cut = true;
        long number = ++cuts;
        time.after(Timing.SILENCE, () -> {
            if (cut && number == cuts && connection != null) {
                lostConnection(connection);
            }
        });
    }

    public void heal() {
        cut = false;
        cuts++;
        if (connection != null) {
            connection.healed();
        }
    }

    /** The next transaction of this client is made, and the connection breaks before the answer comes. */
    public void loseNextAnswer() {
        losesNextAnswer = true;
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
                tell(Connection.LOST);
            }
            session = ensemble.openSession();
        }
        ensemble.connected(session, server);
        connection = new TcpConnection(ensemble, this, server);
        server.add(connection);
        copies.forEach(copy -> copy.follow(connection));
        tell(Connection.CONNECTED);
        news.raise();
    }

    void lostConnection(TcpConnection lost) {
        if (connection != lost || isGone()) {
            return;
        }
        lost.close();
        copies.forEach(copy -> copy.unfollow(lost));
        connection = null;
        tell(Connection.SUSPENDED);
        news.raise();
        long number = ++losses;
        time.after(Timing.SESSION_TIMEOUT, () -> {
            if (connection == null && number == losses && !isGone()) {
                tell(Connection.LOST);
            }
        });
        time.after(ensemble.timing().latency().draw(ensemble.random()), this::connect);
    }

    private void tell(Connection state) {
        if (state != told) {
            told = state;
            listeners.forEach(listener -> listener.accept(state));
        }
    }

    @Override
    public Optional<Entry> read(String path) {
        return askLeader(path, tree -> Optional.ofNullable(tree.get(path)), found -> MessageSizes.data(found.orElse(null)))
                .map(node -> new Entry(node.data(), node.version()));
    }

    @Override
    public List<String> children(String path) {
        return askLeader(path, tree -> tree.children(path), MessageSizes::children);
    }

    @Override
    public int count(String path) {
        return ask(path, tree -> new Counted(tree.get(path), tree.count(path)),
                counted -> MessageSizes.exists(counted.node())).count();
    }

    private record Counted(Tree.Node node, int count) {
    }

    @Override
    public boolean holds(String path) {
        return ask(path, tree -> Optional.ofNullable(tree.get(path)), found -> MessageSizes.exists(found.orElse(null)))
                .filter(node -> node.session() == session).isPresent();
    }

    /** What the server of this client has, which may be old. */
    private <T> T ask(String path, Function<Tree, T> question, ToIntFunction<T> size) {
        return repeated(() -> call(MessageSizes.read(path), (at, reply) -> answer(at, question, size, reply)));
    }

    /** What the leader has: the server syncs with it first. */
    private <T> T askLeader(String path, Function<Tree, T> question, ToIntFunction<T> size) {
        return repeated(() -> {
            traffic.sent(MessageSizes.sync(path));
            return call(MessageSizes.read(path), (at, reply) -> ensemble.sync(at.server(), () -> {
                at.toClient(MessageSizes.synced(path), () -> { });
                answer(at, question, size, reply);
            }));
        });
    }

    private static <T> void answer(TcpConnection at, Function<Tree, T> question, ToIntFunction<T> size, Consumer<T> reply) {
        at.server().work(Timing.READ_COST, tree -> {
            T answer = question.apply(tree);
            at.toClient(size.applyAsInt(answer), () -> reply.accept(answer));
        });
    }

    /** Asks once more when the connection breaks. */
    private static <T> T repeated(Supplier<T> question) {
        try {
            return question.get();
        } catch (WeftException.ManagerUnreachable e) {
            if (e.getCause() instanceof BrokenConnection) {
                return question.get();
            }
            throw e;
        }
    }

    @Override
    public void commit(List<Change> changes) {
        Optional<StoreConflict> conflict = call(MessageSizes.multi(changes), (at, reply) -> ensemble.submit(changes, session, at.server(), found -> {
            if (losesNextAnswer) {
                losesNextAnswer = false;
                at.brokenByServer();
            } else {
                at.toClient(MessageSizes.multiReply(changes), () -> reply.accept(Optional.ofNullable(found)));
            }
        }));
        conflict.ifPresent(found -> {
            throw new StoreConflict(found.kind(), found.path());
        });
    }

    private interface Request<T> {
        void arrived(TcpConnection at, Consumer<T> reply);
    }

    private static final class Reply<T> {
        private T value;
    }

    /** One request and the answer to it, or the news that there will be none. */
    private <T> T call(int bytes, Request<T> request) {
        TcpConnection at = awaitConnection();
        Reply<T> reply = new Reply<>();
        at.toServer(bytes, () -> request.arrived(at, value -> {
            seen = Math.max(seen, at.server().applied());
            reply.value = value;
            news.raise();
        }));
        while (reply.value == null && at.isOpen() && !closed) {
            news.await(time.micros() + Timing.SESSION_TIMEOUT);
        }
        process.requireAlive();
        if (reply.value == null) {
            throw new WeftException.ManagerUnreachable("the connection broke", new BrokenConnection());
        }
        return reply.value;
    }

    private static final class BrokenConnection extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private TcpConnection awaitConnection() {
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

    /** Takes no time, because a caller may hold a lock; what it costs is counted. */
    @Override
    public Subtree watch(String path, EntryListener listener) {
        process.requireAlive();
        if (connection == null || cut) {
            throw new WeftException.ManagerUnreachable("the store is away", null);
        }
        WatchedCopy copy = new WatchedCopy(this, path, listener);
        copies.add(copy);
        copy.begin(connection);
        return copy;
    }

    void forget(WatchedCopy copy) {
        copies.remove(copy);
        if (connection != null) {
            copy.unfollow(connection);
        }
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
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
