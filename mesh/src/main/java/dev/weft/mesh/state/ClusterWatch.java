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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Watches what concerns one node: the nodes, and the networks that it is part of. While the store is away the view stays as
 * it was. Thread-safe.
 *
 * <p>What the store tells of is decoded entry by entry, and a view shares with the one before what has not changed.
 */
public final class ClusterWatch implements AutoCloseable {

    /**
     * News of nodes come in crowds, when a cluster starts or its leader has changed, and to look at one costs what the cluster has nodes. So
     * those of a while are looked at together: a millisecond for each ten nodes, nothing with fewer.
     */
    private static final int NODES_A_MILLISECOND = 10;

    private final ClusterStore store;
    private final Runnable onChange;
    private final AtomicBoolean nodesToTell = new AtomicBoolean();
    private final Worker clock;
    private final WatchedNodes members;
    private final Subtree nodes;
    private final Subtree live;
    private final Map<String, Watched> networks = new TreeMap<>();
    private volatile Optional<String> ingress = Optional.empty();
    private Optional<Subtree> ingressClaim = Optional.empty();

    /** One network. It is seen when the first copy of it is whole: reading many endpoints takes a while, in which nobody else waits. */
    private final class Watched {
        private final String name;
        private final WatchedNetwork network;
        private Subtree copy;
        private volatile boolean whole;
        /** How many endpoints of this node need it; changed by the watch. */
        private int users;

        Watched(String name) {
            this.name = name;
            this.network = new WatchedNetwork(name);
        }

        /** Returns when the copy is whole; whoever comes meanwhile waits for the first one, and tries again if that one fails. */
        synchronized void load() {
            if (copy == null) {
                copy = store.watch(Layout.network(name), (path, data) -> {
                    network.changed(path, data);
                    if (whole) {
                        onChange.run();
                    }
                });
                whole = true;
                onChange.run();
            }
        }

        Optional<NetworkView> view() {
            return whole ? network.view() : Optional.empty();
        }

        synchronized void close() {
            if (copy != null) {
                copy.close();
            }
        }
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
        this.members = new WatchedNodes(clock, this::nodesChanged);
        store.onConnection(members::connectionChanged);
        this.nodes = store.watch(Layout.NODES, members::nodeChanged);
        this.live = store.watch(Layout.LIVE, members::livenessChanged);
    }

    private void nodesChanged() {
        long delay = members.count() / NODES_A_MILLISECOND;
        if (delay == 0) {
            onChange.run();
        } else if (nodesToTell.compareAndSet(false, true)) {
            clock.schedule(() -> {
                nodesToTell.set(false);
                onChange.run();
            }, delay);
        }
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
     *
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away; the endpoint does not count then
     */
    public void retain(String network) {
        Watched watched;
        synchronized (this) {
            watched = networks.computeIfAbsent(network, Watched::new);
            watched.users++;
        }
        try {
            watched.load();
        } catch (RuntimeException e) {
            release(network);
            throw e;
        }
    }

    /** Counts one less, and stops to watch the network with the last. Does nothing once this is closed: an attach may fail for that. */
    public void release(String network) {
        Watched watched;
        synchronized (this) {
            watched = networks.get(network);
            if (watched == null || --watched.users > 0) {
                return;
            }
            networks.remove(network);
        }
        watched.close();
        onChange.run();
    }

    /** Parts that have not changed since are the same objects as before. */
    public synchronized ClusterView view() {
        List<NetworkView> views = networks.values().stream().flatMap(watched -> watched.view().stream()).toList();
        return new ClusterView(members.nodes(), members.live(), views);
    }

    @Override
    public synchronized void close() {
        new HashMap<>(networks).forEach((name, watched) -> watched.close());
        networks.clear();
        ingressClaim.ifPresent(Subtree::close);
        nodes.close();
        live.close();
        clock.close();
    }
}
