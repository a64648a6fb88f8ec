package dev.weft.mesh.state;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Worker clock;
    private final WatchedNodes members;
    private final Subtree nodes;
    private final Subtree live;
    private final Map<String, Watched> networks = new TreeMap<>();
    private volatile Optional<String> ingress = Optional.empty();
    private Optional<Subtree> ingressClaim = Optional.empty();

    /** One network, and how many endpoints of this node need it. */
    private record Watched(WatchedNetwork network, Subtree copy, int users) {
    }

    /**
     * @param clock    for what is believed only after a while; closed with this
     * @param onChange called on the store's own thread and the clock's; must not block
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    public ClusterWatch(ClusterStore store, Worker clock, Runnable onChange) {
        this.store = store;
        this.clock = clock;
        this.onChange = onChange;
        this.members = new WatchedNodes(clock, onChange);
        store.onConnection(members::connectionChanged);
        this.nodes = store.watch(Layout.NODES, members::nodeChanged);
        this.live = store.watch(Layout.LIVE, members::livenessChanged);
    }

    /** Begins to hear which network is the ingress network; for nodes that can publish ports. */
    public synchronized void watchIngress() {
        ingressClaim = Optional.of(store.watch(Layout.INGRESS, (path, data) -> {
            ingress = Optional.ofNullable(data).map(name -> new String(name, StandardCharsets.UTF_8));
            onChange.run();
        }));
    }

    /** The name of the ingress network, if there is one. */
    public Optional<String> ingress() {
        return ingress;
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
        return new Watched(network, store.watch(Layout.network(name), (path, data) -> {
            network.changed(path, data);
            onChange.run();
        }), 1);
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
        ingressClaim.ifPresent(Subtree::close);
        nodes.close();
        live.close();
        clock.close();
    }
}
