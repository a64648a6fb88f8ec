package dev.weft.mesh.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** One server: its own copy of the tree, which follows the leader's, and the connections and watches of its clients. */
final class Server {

    /** Told of every entry that changes at or below a path. */
    interface Watch {
        void changed(Tree.Delta delta);
    }

    private final Ensemble ensemble;
    private final Set<TcpConnection> connections = new LinkedHashSet<>();
    private final Map<String, List<Watch>> watches = new HashMap<>();
    private Tree tree = new Tree();
    private boolean up = true;
    /** The last transaction that it applied. */
    private long applied;
    private long lives;
    private long busyUntil;
    private long nextApply;

    Server(Ensemble ensemble) {
        this.ensemble = ensemble;
    }

    Tree tree() {
        return tree;
    }

    boolean isUp() {
        return up;
    }

    /** Whether a client that has seen a transaction may connect here. */
    boolean serves(long seen) {
        return up && ensemble.hasLeader() && applied >= seen;
    }

    long applied() {
        return applied;
    }

    void add(TcpConnection connection) {
        connections.add(connection);
    }

    void remove(TcpConnection connection) {
        connections.remove(connection);
    }

    void watch(String root, Watch watch) {
        watches.computeIfAbsent(root, key -> new ArrayList<>()).add(watch);
    }

    void unwatch(String root, Watch watch) {
        watches.computeIfPresent(root, (key, all) -> all.remove(watch) && all.isEmpty() ? null : all);
    }

    /** Work is done in turn. */
    void work(long cost, Consumer<Tree> action) {
        long life = lives;
        VirtualTime time = ensemble.time();
        busyUntil = Math.max(busyUntil, time.micros()) + cost;
        time.after(busyUntil - time.micros(), () -> {
            if (life == lives) {
                action.accept(tree);
            }
        });
    }

    /** @param then when the transaction is applied, if it ever is */
    void follow(long transaction, List<Tree.Delta> deltas, long delay, Runnable then) {
        long life = lives;
        VirtualTime time = ensemble.time();
        nextApply = Math.max(nextApply, time.micros() + delay);
        time.after(nextApply - time.micros(), () -> {
            if (up && life == lives) {
                applied = transaction;
                tree.apply(deltas);
                deltas.forEach(this::tell);
                then.run();
            }
        });
    }

    private void tell(Tree.Delta delta) {
        for (int end = delta.path().length(); end > 0; end = delta.path().lastIndexOf('/', end - 1)) {
            List<Watch> here = watches.get(delta.path().substring(0, end));
            if (here != null) {
                List.copyOf(here).forEach(watch -> watch.changed(delta));
            }
        }
    }

    /** What was under way is lost, and so are the connections. */
    void dropClients() {
        lives++;
        List.copyOf(connections).forEach(TcpConnection::brokenByServer);
        connections.clear();
        watches.clear();
    }

    void crash() {
        up = false;
        dropClients();
    }

    void start(Tree leaders, long transaction) {
        up = true;
        tree = new Tree(leaders);
        applied = transaction;
        busyUntil = 0;
        nextApply = 0;
    }
}
