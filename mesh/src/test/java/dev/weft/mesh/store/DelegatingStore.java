package dev.weft.mesh.store;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A store as another one is; tests override what shall be seen or shall fail. */
public abstract class DelegatingStore implements ClusterStore {

    private final ClusterStore store;

    protected DelegatingStore(ClusterStore store) {
        this.store = store;
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
    public Subtree watch(String path, EntryListener listener) {
        return store.watch(path, listener);
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
