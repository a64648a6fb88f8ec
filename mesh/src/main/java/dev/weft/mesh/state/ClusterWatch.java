package dev.weft.mesh.state;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what concerns one node: the nodes, and the networks that it is part of. While the store is away the view stays as
 * it was. Thread-safe.
 */
public final class ClusterWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);

    private final ClusterStore store;
    private final Runnable onChange;
    private final Subtree nodes;
    private final Subtree live;
    private final Map<String, Watched> networks = new TreeMap<>();

    /** One network's copy, and how many endpoints of this node need it. */
    private record Watched(Subtree copy, int users) {
    }

    /**
     * @param onChange called on the store's own thread; must not block
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    public ClusterWatch(ClusterStore store, Runnable onChange) {
        this.store = store;
        this.onChange = onChange;
        this.nodes = store.watch(Layout.NODES, onChange);
        this.live = store.watch(Layout.LIVE, onChange);
    }

    /**
     * Counts one more endpoint of this node in a network, and begins to watch it with the first. Returns when all of it is
     * known.
     */
    public synchronized void retain(String network) {
        Watched before = networks.get(network);
        networks.put(network, before == null
                ? new Watched(store.watch(Layout.network(network), onChange), 1)
                : new Watched(before.copy(), before.users() + 1));
    }

    /** Counts one less, and stops to watch the network with the last. */
    public synchronized void release(String network) {
        Watched before = networks.get(network);
        if (before.users() > 1) {
            networks.put(network, new Watched(before.copy(), before.users() - 1));
        } else {
            networks.remove(network);
            before.copy().close();
            onChange.run();
        }
    }

    public synchronized ClusterView view() {
        Map<String, NodeRecord> nodeRecords = below(Layout.NODES, nodes.snapshot(), NodeRecord.class).stream()
                .collect(Collectors.toMap(NodeRecord::id, Function.identity()));
        List<NetworkView> views = new ArrayList<>();
        networks.forEach((name, watched) -> view(name, watched.copy().snapshot()).ifPresent(views::add));
        return new ClusterView(nodeRecords, live.snapshot().keySet().stream().map(ClusterWatch::lastPart).collect(Collectors.toSet()), views);
    }

    private static Optional<NetworkView> view(String name, SortedMap<String, byte[]> entries) {
        return Optional.ofNullable(entries.get(Layout.network(name)))
                .flatMap(bytes -> read(Layout.network(name), bytes, NetworkRecord.class))
                .map(network -> new NetworkView(network, below(Layout.endpoints(name), entries, EndpointRecord.class),
                        below(Layout.services(name), entries, ServiceRecord.class)));
    }

    private static <T extends Record> List<T> below(String path, SortedMap<String, byte[]> entries, Class<T> type) {
        // '0' follows '/' in ASCII
        return entries.subMap(path + "/", path + "0").entrySet().stream()
                .flatMap(entry -> read(entry.getKey(), entry.getValue(), type).stream()).toList();
    }

    /** One entry that cannot be read must not take the others along. */
    private static <T extends Record> Optional<T> read(String path, byte[] bytes, Class<T> type) {
        try {
            return Optional.of(RecordCodec.decode(bytes, type));
        } catch (RecordCodec.UnreadableRecord e) {
            LOG.warn("left out {}: {}", path, e.getMessage());
            return Optional.empty();
        }
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public synchronized void close() {
        new HashMap<>(networks).forEach((name, watched) -> watched.copy().close());
        networks.clear();
        nodes.close();
        live.close();
    }
}
