package dev.weft.mesh.state;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.store.ClusterStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes and their liveness, as the store tells of them. Thread-safe.
 *
 * <p>A node that takes up a new session (its managers were away, or it was started again) has its old entry removed and a new one made
 * by one transaction, but the news of the two arrive one by one, the second a request later. Packets to it shall not be lost
 * for that, so an entry that goes counts for a moment more, and for as long as the store is away, which cannot tell of a new one:
 *
 * <pre>
 *               entry comes                entry goes
 *    NOT THERE ----------------> LIVE ---------------------> LEAVING
 *        ^                        ^------ entry comes -------+ |
 *        +---- after GRACE_MS in which the store was there ----+
 * </pre>
 */
final class WatchedNodes {

    /**
     * Added to the 6 to 7 s in which a session ends. A worker that was without managers may need all of those before it finds one that is
     * there (it waits 2 s for each that does not answer), and its session ends just before it comes back.
     */
    static final long GRACE_MS = 5_000;

    private final Worker clock;
    private final Runnable onChange;
    private final Map<String, NodeRecord> nodes = new HashMap<>();
    /** With those that leave. */
    private final Set<String> live = new HashSet<>();
    /** By id: which departure it was, so that an earlier one's end does not end a later one. */
    private final Map<String, Long> leaving = new HashMap<>();
    private long departures;
    private boolean connected = true;
    private Map<String, NodeRecord> nodesNow = Map.of();
    private Set<String> liveNow = Set.of();

    /** @param onChange called when {@link #nodes} or {@link #live} is another one now; must not block */
    WatchedNodes(Worker clock, Runnable onChange) {
        this.clock = clock;
        this.onChange = onChange;
    }

    synchronized void nodeChanged(String path, byte[] data) {
        if (!path.equals(Layout.NODES)) {
            String id = RecordEntry.lastPart(path);
            Optional<NodeRecord> record = RecordEntry.read(path, data, NodeRecord.class).filter(node -> node.id().equals(id));
            NodeRecord before = record.isPresent() ? nodes.put(id, record.get()) : nodes.remove(id);
            if (!record.equals(Optional.ofNullable(before))) {
                nodesNow = null;
                onChange.run();
            }
        }
    }

    synchronized void livenessChanged(String path, byte[] data) {
        if (path.equals(Layout.LIVE)) {
            return;
        }
        String id = RecordEntry.lastPart(path);
        if (data == null) {
            leave(id);
        } else {
            leaving.remove(id);
            if (live.add(id)) {
                liveNow = null;
                onChange.run();
            }
        }
    }

    private void leave(String id) {
        if (live.contains(id)) {
            long departure = ++departures;
            leaving.put(id, departure);
            clock.schedule(() -> left(id, departure), GRACE_MS);
        }
    }

    synchronized void connectionChanged(ClusterStore.Connection connection) {
        boolean before = connected;
        connected = connection == ClusterStore.Connection.CONNECTED;
        if (connected && !before) {
            leaving.forEach((id, departure) -> clock.schedule(() -> left(id, departure), GRACE_MS));
        }
    }

    private synchronized void left(String id, long departure) {
        if (connected && leaving.remove(id, departure)) {
            live.remove(id);
            liveNow = null;
            onChange.run();
        }
    }

    synchronized int count() {
        return nodes.size();
    }

    /** By id; the same object while none changes. */
    synchronized Map<String, NodeRecord> nodes() {
        nodesNow = nodesNow == null ? Map.copyOf(nodes) : nodesNow;
        return nodesNow;
    }

    /** Ids of the live ones; the same object while none changes. */
    synchronized Set<String> live() {
        liveNow = liveNow == null ? Set.copyOf(live) : liveNow;
        return liveNow;
    }
}
