package dev.weft.mesh.state;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Watches what concerns one node: the nodes, and the networks that it is part of. While the store is away the view stays as
 * it was. Thread-safe.
 *
 * <p>What the store tells of is decoded entry by entry, and a view shares with the one before what has not changed.
 */
public final class ClusterWatch implements AutoCloseable {

    private final ClusterStore store;
    private final Runnable onChange;
    private final WatchedNodes members = new WatchedNodes();
    private final Subtree nodes;
    private final Subtree live;
    private final Map<String, Watched> networks = new TreeMap<>();

    /** One network, and how many endpoints of this node need it. */
    private record Watched(WatchedNetwork network, Subtree copy, int users) {
    }

    /**
     * @param onChange called on the store's own thread; must not block
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    public ClusterWatch(ClusterStore store, Runnable onChange) {
        this.store = store;
        this.onChange = onChange;
        this.nodes = store.watch(Layout.NODES, then(members::nodeChanged));
        this.live = store.watch(Layout.LIVE, then(members::livenessChanged));
    }

    private ClusterStore.EntryListener then(ClusterStore.EntryListener first) {
        return (path, data) -> {
            first.changed(path, data);
            onChange.run();
        };
    }

    /**
     * Counts one more endpoint of this node in a network, and begins to watch it with the first. Returns when all of it is
     * known.
     */
    public synchronized void retain(String network) {
        Watched before = networks.get(network);
        networks.put(network, before == null ? watched(network) : new Watched(before.network(), before.copy(), before.users() + 1));
    }

    private Watched watched(String name) {
        WatchedNetwork network = new WatchedNetwork(name);
        return new Watched(network, store.watch(Layout.network(name), then(network::changed)), 1);
    }

    /** Counts one less, and stops to watch the network with the last. */
    public synchronized void release(String network) {
        Watched before = networks.get(network);
        if (before.users() > 1) {
            networks.put(network, new Watched(before.network(), before.copy(), before.users() - 1));
        } else {
            networks.remove(network);
            before.copy().close();
            onChange.run();
        }
    }

    /** Parts that have not changed since are the same objects as before. */
    public synchronized ClusterView view() {
        List<NetworkView> views = networks.values().stream().flatMap(watched -> watched.network().view().stream()).toList();
        return new ClusterView(members.nodes(), members.live(), views);
    }

    @Override
    public synchronized void close() {
        new HashMap<>(networks).forEach((name, watched) -> watched.copy().close());
        networks.clear();
        nodes.close();
        live.close();
    }
}
