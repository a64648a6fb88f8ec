package dev.weft.mesh.simulation;

import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A copy of a part of the tree as CuratorCache keeps it: an event says which entry changed, and a request fetches it. */
final class WatchedCopy implements Subtree {

    private final ClientSession session;
    private final String root;
    private final ClusterStore.EntryListener listener;
    private final SortedMap<String, byte[]> entries = new TreeMap<>();
    private Server.Watch watch;

    WatchedCopy(ClientSession session, String root, ClusterStore.EntryListener listener) {
        this.session = session;
        this.root = root;
        this.listener = listener;
    }

    void begin(TcpConnection connection) {
        Map<String, Tree.Node> found = connection.server().tree().below(root);
        cost(found);
        found.forEach((path, node) -> put(path, node.data()));
        watch(connection);
    }

    /** After a reconnection: watches again, and reads all again. */
    void follow(TcpConnection connection) {
        watch(connection);
        connection.toServer(MessageSizes.read(root), () -> connection.server().work(Timing.READ_COST, tree -> {
            Map<String, Tree.Node> found = tree.below(root);
            connection.toClient(0, () -> replace(found));
        }));
    }

    private void watch(TcpConnection connection) {
        watch = delta -> connection.toClient(MessageSizes.event(delta.path()), () -> changed(connection, delta));
        connection.server().watch(root, watch);
    }

    void unfollow(TcpConnection connection) {
        connection.server().unwatch(root, watch);
    }

    /** Curator asks for each entry, and for the entries below it. */
    private void cost(Map<String, Tree.Node> found) {
        found.forEach((path, node) -> {
            session.traffic().sent(MessageSizes.read(path));
            session.traffic().received(MessageSizes.data(node));
            session.traffic().sent(MessageSizes.read(path));
            session.traffic().received(MessageSizes.children(List.of(path.substring(path.lastIndexOf('/') + 1))));
        });
    }

    private void replace(Map<String, Tree.Node> found) {
        cost(found);
        List.copyOf(entries.keySet()).stream().filter(path -> !found.containsKey(path)).forEach(this::remove);
        found.forEach((path, node) -> {
            if (!Arrays.equals(entries.get(path), node.data())) {
                put(path, node.data());
            }
        });
    }

    /** Each client has bytes of its own, as if they had come over a socket. */
    private void put(String path, byte[] data) {
        byte[] copy = data.clone();
        entries.put(new String(path.toCharArray()), copy);
        listener.changed(path, copy);
    }

    private void remove(String path) {
        if (entries.remove(path) != null) {
            listener.changed(path, null);
        }
    }

    private void changed(TcpConnection connection, Tree.Delta delta) {
        if (delta.node() == null) {
            remove(delta.path());
        } else {
            fetch(connection, delta.path());
        }
    }

    private void fetch(TcpConnection connection, String path) {
        connection.toServer(MessageSizes.read(path), () -> connection.server().work(Timing.READ_COST, tree -> {
            Tree.Node node = tree.get(path);
            connection.toClient(MessageSizes.data(node), () -> {
                if (node != null) {
                    put(path, node.data());
                }
            });
        }));
        // a new entry makes Curator look for what is below it
        session.traffic().sent(MessageSizes.read(path));
        session.traffic().received(MessageSizes.children(List.of()));
    }

    @Override
    public SortedMap<String, byte[]> snapshot() {
        return Collections.unmodifiableSortedMap(entries);
    }

    @Override
    public void close() {
        session.forget(this);
    }
}
