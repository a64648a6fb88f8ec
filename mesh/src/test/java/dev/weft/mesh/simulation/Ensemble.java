package dev.weft.mesh.simulation;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.StoreConflict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * ZooKeeper's servers without the sockets: a leader that decides in turn, followers that apply later and serve reads meanwhile,
 * sessions, elections. A model of what clients may rely on and of what they may not: see ZooKeeper's "Consistency Guarantees".
 */
public final class Ensemble {

    private final VirtualTime time;
    private final RandomGenerator random;
    private final Timing timing;
    private final List<Server> servers = new ArrayList<>();
    /** As the leader decided. */
    private final Tree decided = new Tree();
    /** When the client of a session was last heard of, by the session's id. */
    private final Map<Long, Long> sessions = new HashMap<>();
    /** Where the client of a session is; what it sent by way of another server is refused (SessionMovedException). */
    private final Map<Long, Server> serverOf = new HashMap<>();
    /** Paths that were of a session once. */
    private final Map<Long, Set<String>> ephemeralsOf = new HashMap<>();
    private final List<Consumer<List<Tree.Delta>>> observers = new ArrayList<>();
    private Server leader;
    private long transaction;
    private long terms;
    private long nextSession = 1;
    private boolean givesTwice;

    public Ensemble(VirtualTime time, RandomGenerator random, Timing timing, int size) {
        this.time = time;
        this.random = random;
        this.timing = timing;
        for (int i = 0; i < size; i++) {
            servers.add(new Server(this));
        }
        leader = servers.getFirst();
    }

    VirtualTime time() {
        return time;
    }

    RandomGenerator random() {
        return random;
    }

    Timing timing() {
        return timing;
    }

    boolean hasLeader() {
        return leader != null;
    }

    /** As decided by the leader. */
    Tree tree() {
        return decided;
    }

    /** @param observer told of each transaction when it is decided */
    void observe(Consumer<List<Tree.Delta>> observer) {
        observers.add(observer);
    }

    /** A fault on purpose, which shows that the checks notice: entries can be created a second time. */
    void giveTwice() {
        givesTwice = true;
    }

    Server anyServer() {
        return servers.get(random.nextInt(servers.size()));
    }

    /** @param reply told of the conflict or of null, once the server at which the client is has applied the transaction */
    void submit(List<Change> changes, long session, Server at, Consumer<StoreConflict> reply) {
        long term = terms;
        time.after(at == leader ? 0 : timing.latency().draw(random), () -> {
            if (leader != null && term == terms) {
                leader.work(Timing.TRANSACTION_COST, tree -> decide(changes, session, at, reply));
            }
        });
    }

    /** Runs something at a server once it has applied all that the leader has decided by now. */
    void sync(Server at, Runnable then) {
        long term = terms;
        time.after(at == leader ? 0 : timing.latency().draw(random), () -> {
            if (leader != null && term == terms) {
                leader.work(Timing.READ_COST, tree -> at.follow(transaction, List.of(), timing.latency().draw(random), then));
            }
        });
    }

    private void decide(List<Change> changes, long session, Server at, Consumer<StoreConflict> reply) {
        List<Tree.Delta> deltas = List.of();
        StoreConflict conflict = null;
        try {
            if (!sessions.containsKey(session) || serverOf.get(session) != at) {
                return;
            }
            deltas = decided.prepare(changes, session, givesTwice);
        } catch (StoreConflict e) {
            conflict = e;
        }
        StoreConflict outcome = conflict;
        spread(deltas, at, () -> reply.accept(outcome));
    }

    private void spread(List<Tree.Delta> deltas, Server at, Runnable then) {
        transaction++;
        decided.apply(deltas);
        deltas.stream().filter(delta -> delta.node() != null && delta.node().session() != 0)
                .forEach(delta -> ephemeralsOf.computeIfAbsent(delta.node().session(), key -> new LinkedHashSet<>()).add(delta.path()));
        observers.forEach(observer -> observer.accept(deltas));
        for (Server server : servers) {
            if (server.isUp()) {
                server.follow(transaction, deltas, timing.commit().draw(random), server == at ? then : () -> { });
            }
        }
    }

    boolean isAlive(long session) {
        return sessions.containsKey(session);
    }

    long openSession() {
        long session = nextSession++;
        sessions.put(session, time.micros());
        expireWhenSilent(session);
        return session;
    }

    void connected(long session, Server server) {
        serverOf.put(session, server);
        heardOf(session);
    }

    void heardOf(long session) {
        sessions.computeIfPresent(session, (key, before) -> time.micros());
    }

    private void expireWhenSilent(long session) {
        if (!sessions.containsKey(session)) {
            return;
        }
        long end = (sessions.get(session) + Timing.SESSION_TIMEOUT + Timing.TICK - 1) / Timing.TICK * Timing.TICK;
        if (leader != null && time.micros() >= end) {
            closeSession(session);
        } else {
            time.after(Math.max(end - time.micros(), Timing.TICK), () -> expireWhenSilent(session));
        }
    }

    /** Its ephemeral entries go. */
    void closeSession(long session) {
        if (leader != null && sessions.remove(session) != null) {
            serverOf.remove(session);
            Set<String> ephemerals = Objects.requireNonNullElse(ephemeralsOf.remove(session), Set.of());
            spread(ephemerals.stream().filter(path -> decided.contains(path) && decided.get(path).session() == session)
                    .map(path -> new Tree.Delta(path, null)).toList(), null, () -> { });
        }
    }

    /** The leader steps down: connections break, answers under way are lost, and after a time there is another one. */
    public void changeLeader() {
        leader = null;
        long term = ++terms;
        servers.stream().filter(Server::isUp).forEach(Server::dropClients);
        time.after(timing.election().draw(random), () -> {
            if (term == terms) {
                elect();
            }
        });
    }

    private void elect() {
        List<Server> up = servers.stream().filter(Server::isUp).toList();
        if (up.size() <= servers.size() / 2) {
            return;
        }
        leader = up.get(random.nextInt(up.size()));
        up.forEach(server -> server.start(decided, transaction));
        sessions.replaceAll((session, before) -> time.micros());
    }

    public void crash(int number) {
        Server server = servers.get(number);
        if (!server.isUp()) {
            return;
        }
        server.crash();
        if (server == leader || servers.stream().filter(Server::isUp).count() <= servers.size() / 2) {
            changeLeader();
        }
    }

    public void restart(int number) {
        Server server = servers.get(number);
        if (server.isUp()) {
            return;
        }
        server.start(decided, transaction);
        if (leader == null) {
            changeLeader();
        }
    }

    int size() {
        return servers.size();
    }
}
