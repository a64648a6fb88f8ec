package dev.weft.mesh.cluster;

import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A store that is too large for anybody to list what is in it. */
record ReadsOneByOne(ClusterStore store) implements ClusterStore {

    @Override
    public Optional<Entry> read(String path) {
        return store.read(path);
    }

    @Override
    public List<String> children(String path) {
        throw new AssertionError("nobody should read all that is below " + path);
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
