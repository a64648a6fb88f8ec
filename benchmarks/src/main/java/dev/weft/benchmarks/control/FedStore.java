package dev.weft.benchmarks.control;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A store that only tells of changes: what is measured begins where a change has arrived at a node. One thread. */
final class FedStore implements ClusterStore {

    private final Map<String, EntryListener> watched = new HashMap<>();

    /** An entry is another one now. @param data null when it is gone */
    void tell(String path, byte[] data) {
        watched.forEach((root, listener) -> {
            if (path.startsWith(root + "/") || path.equals(root)) {
                listener.changed(path, data);
            }
        });
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        watched.put(path, listener);
        return new Subtree() {
            @Override
            public SortedMap<String, byte[]> snapshot() {
                return new TreeMap<>();
            }

            @Override
            public void close() {
                watched.remove(path);
            }
        };
    }

    @Override
    public Optional<Entry> read(String path) {
        return Optional.empty();
    }

    @Override
    public List<String> children(String path) {
        return List.of();
    }

    @Override
    public int count(String path) {
        return 0;
    }

    @Override
    public void commit(List<Change> changes) {
        throw new UnsupportedOperationException("nothing is written here");
    }

    @Override
    public boolean holds(String path) {
        return false;
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        // there is none to lose
    }

    @Override
    public void close() {
        watched.clear();
    }
}
