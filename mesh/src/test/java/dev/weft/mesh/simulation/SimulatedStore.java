package dev.weft.mesh.simulation;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import dev.weft.mesh.store.Subtree;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** A client of the {@link Ensemble}: what {@code ZooKeeperClusterStore} makes of Curator and ZooKeeper, in virtual time. */
public final class SimulatedStore implements ClusterStore {

    private final Ensemble ensemble;
    private final Process process;
    private final ClientSession session;
    private boolean losesNextAnswer;

    public SimulatedStore(Ensemble ensemble, Process process) {
        this.ensemble = ensemble;
        this.process = process;
        this.session = new ClientSession(ensemble, process);
    }

    public Traffic traffic() {
        return session.traffic();
    }

    long session() {
        return session.number();
    }

    boolean isCut() {
        return session.isCut();
    }

    boolean isConnected() {
        return session.connection() != null;
    }

    /** No message gets through until {@link #heal}; nobody is told. */
    public void partition() {
        session.partition();
    }

    public void heal() {
        session.heal();
    }

    /** The next transaction of this client is made, and the connection breaks before the answer comes. */
    public void loseNextAnswer() {
        losesNextAnswer = true;
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
                .filter(node -> node.session() == session.number()).isPresent();
    }

    /** What the server of this client has, which may be old. */
    private <T> T ask(String path, Function<Tree, T> question, ToIntFunction<T> size) {
        return repeated(() -> call(MessageSizes.read(path), (at, reply) -> answer(at, question, size, reply)));
    }

    /** What the leader has: the server syncs with it first. */
    private <T> T askLeader(String path, Function<Tree, T> question, ToIntFunction<T> size) {
        return repeated(() -> {
            session.traffic().sent(MessageSizes.sync(path));
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
        Optional<StoreConflict> conflict = call(MessageSizes.multi(changes),
                (at, reply) -> ensemble.submit(changes, session.number(), at.server(), found -> {
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
        TcpConnection at = session.awaitConnection();
        Reply<T> reply = new Reply<>();
        at.toServer(bytes, () -> request.arrived(at, value -> {
            session.hasSeen(at.server().applied());
            reply.value = value;
            session.news().raise();
        }));
        while (reply.value == null && at.isOpen() && !session.isClosed()) {
            session.news().await(ensemble.time().micros() + Timing.SESSION_TIMEOUT);
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

    /** Takes no time, because a caller may hold a lock; what it costs is counted. */
    @Override
    public Subtree watch(String path, EntryListener listener) {
        process.requireAlive();
        if (session.connection() == null || session.isCut()) {
            throw new WeftException.ManagerUnreachable("the store is away", null);
        }
        WatchedCopy copy = new WatchedCopy(session, path, listener);
        session.follow(copy);
        return copy;
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        session.onConnection(listener);
    }

    @Override
    public void close() {
        session.close();
    }
}
