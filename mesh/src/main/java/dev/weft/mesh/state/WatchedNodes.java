package dev.weft.mesh.state;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.NodeRecord;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The nodes and their liveness, as the store tells of them. Thread-safe. */
final class WatchedNodes {

    private final Map<String, NodeRecord> nodes = new HashMap<>();
    private final Set<String> live = new HashSet<>();
    private Map<String, NodeRecord> nodesNow = Map.of();
    private Set<String> liveNow = Set.of();

    synchronized void nodeChanged(String path, byte[] data) {
        if (!path.equals(Layout.NODES)) {
            RecordEntry.read(path, data, NodeRecord.class).ifPresentOrElse(node -> nodes.put(RecordEntry.lastPart(path), node),
                    () -> nodes.remove(RecordEntry.lastPart(path)));
            nodesNow = null;
        }
    }

    synchronized void livenessChanged(String path, byte[] data) {
        if (!path.equals(Layout.LIVE)) {
            boolean changed = data == null ? live.remove(RecordEntry.lastPart(path)) : live.add(RecordEntry.lastPart(path));
            liveNow = changed ? null : liveNow;
        }
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
