package dev.weft.mesh.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A store as it is, and a record of all that its watches told of. */
public final class HeardStore implements ClusterStore {

    /** Paths of entries, once for each time. */
    public final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
    private final ClusterStore store;

    public HeardStore(ClusterStore store) {
        this.store = store;
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        return store.watch(path, (entry, data) -> {
            heard.add(entry);
            listener.changed(entry, data);
        });
    }

    @Override
    public Optional<Entry> read(String path) {
        return store.read(path);
    }

    @Override
    public List<String> children(String path) {
        return store.children(path);
    }

    @Override
    public int count(String path) {
        return store.count(path);
    }

    @Override
    public void commit(List<Change> changes) {
        store.commit(changes);
    }

    @Override
    public boolean holds(String path) {
        return store.holds(path);
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        store.onConnection(listener);
    }

    @Override
    public void close() {
        store.close();
    }
}
