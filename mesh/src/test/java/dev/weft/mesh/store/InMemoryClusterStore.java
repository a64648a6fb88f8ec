package dev.weft.mesh.store;

import dev.weft.api.WeftException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A {@link ClusterStore} without a server; the test decides when the connection breaks and when the session ends. */
public final class InMemoryClusterStore implements ClusterStore {

    private final InMemoryCluster cluster;
    private final Set<Copy> copies = ConcurrentHashMap.newKeySet();
    private final List<Consumer<Connection>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean away;

    InMemoryClusterStore(InMemoryCluster cluster) {
        this.cluster = cluster;
    }

    /** The store does not answer any more; the session goes on. */
    public void suspend() {
        away = true;
        listeners.forEach(listener -> listener.accept(Connection.SUSPENDED));
    }

    /** The store answers again. */
    public void resume() {
        away = false;
        changed();
        listeners.forEach(listener -> listener.accept(Connection.CONNECTED));
    }

    /** The session ends while the store is away. */
    public void expire() {
        away = true;
        cluster.expire(this);
        listeners.forEach(listener -> listener.accept(Connection.LOST));
    }

    void changed() {
        if (!away) {
            copies.forEach(Copy::refresh);
        }
    }

    /** As ZooKeeper's client, which answers no thread that is interrupted. */
    private void requireConnection() {
        if (Thread.currentThread().isInterrupted()) {
            throw new WeftException.ManagerUnreachable("interrupted");
        }
        if (away) {
            throw new WeftException.ManagerUnreachable("the store in memory is away, as the test wants it");
        }
    }

    @Override
    public Optional<Entry> read(String path) {
        requireConnection();
        return Optional.ofNullable(cluster.read(path)).map(node -> new Entry(node.data(), node.version()));
    }

    @Override
    public List<String> children(String path) {
        requireConnection();
        return cluster.children(path);
    }

    @Override
    public void commit(List<Change> changes) {
        requireConnection();
        cluster.commit(changes, this);
    }

    @Override
    public int count(String path) {
        return children(path).size();
    }

    @Override
    public boolean holds(String path) {
        requireConnection();
        InMemoryCluster.Node node = cluster.read(path);
        return node != null && node.owner() == this;
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        requireConnection();
        Copy copy = new Copy(path, listener);
        copies.add(copy);
        copy.refresh();
        return copy;
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        away = true;
        cluster.disconnect(this);
    }

    private final class Copy implements Subtree {
        private final String path;
        private final EntryListener listener;
        private volatile SortedMap<String, byte[]> entries = new TreeMap<>();

        Copy(String path, EntryListener listener) {
            this.path = path;
            this.listener = listener;
        }

        synchronized void refresh() {
            SortedMap<String, byte[]> before = entries;
            SortedMap<String, byte[]> now = cluster.below(path);
            entries = now;
            before.keySet().stream().filter(gone -> !now.containsKey(gone)).forEach(gone -> listener.changed(gone, null));
            now.forEach((entry, data) -> {
                if (before.get(entry) != data) {
                    listener.changed(entry, data);
                }
            });
        }

        @Override
        public SortedMap<String, byte[]> snapshot() {
            return entries;
        }

        @Override
        public void close() {
            copies.remove(this);
        }
    }
}
