package dev.weft.mesh;

import dev.weft.api.DataPathKind;
import dev.weft.api.NodeBuilder;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.GatewayBridgeProvider;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.store.InMemoryCluster;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Whole nodes of one cluster, on a store in memory and data paths that only record. */
final class MemoryNodes implements AutoCloseable {

    private static final String CLUSTER = "0123456789abcdef0123456789abcdef";

    final InMemoryCluster cluster = new InMemoryCluster();
    /** Of nodes that are started from now on. */
    Optional<GatewayBridgeProvider> bridges = Optional.empty();
    private final Path directory;
    private final Map<String, RecordingDataPath> paths = new HashMap<>();
    private final Map<String, InMemoryClusterStore> stores = new HashMap<>();
    private final List<WeftNode> nodes = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    MemoryNodes(Path directory) {
        this.directory = directory;
        InMemoryClusterStore founder = cluster.connect();
        founder.commit(new ArrayList<>(Layout.ofManagers(new ClusterRecord(CLUSTER))));
        founder.commit(new ArrayList<>(Layout.ofMembers()));
    }

    /** The data path of the node that is started, or will be next, under this name. */
    RecordingDataPath path(String name) {
        return paths.computeIfAbsent(name, key -> new RecordingDataPath(DataPathKind.SOCKET));
    }

    InMemoryClusterStore store(String name) {
        return stores.get(name);
    }

    /** Starts a node, or the same again, on the directory of its name. The first one that is ever started is the manager. */
    WeftNode start(String name) {
        return start(name, path(name));
    }

    /** Starts a node on a data path that carries. @param resolvers who is asked for names outside of its networks */
    WeftNode start(String name, DataPathKind kind, Supplier<DataPath> open, InetSocketAddress... resolvers) {
        return start(name, new DataPathProvider() {
            @Override
            public DataPathKind kind() {
                return kind;
            }

            @Override
            public Capabilities probe(DataPathConfig config) {
                return new Capabilities(true, "a test opens it", List.of());
            }

            @Override
            public DataPath open(DataPathConfig config) {
                return open.get();
            }
        }, resolvers);
    }

    private WeftNode start(String name, DataPathProvider provider, InetSocketAddress... resolvers) {
        if (!names.contains(name)) {
            names.add(name);
        }
        int number = names.indexOf(name) + 1;
        NodeBuilder builder = OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("192.0.2." + number)
                .dataPath(provider.kind());
        List.of(resolvers).forEach(builder::resolver);
        NodeSpec spec = builder.build();
        DataDirectory data = DataDirectory.open(spec.dataDirectory());
        Optional<Identity> before = data.identity();
        Identity identity = before.orElseGet(() -> new Identity("000000000000000" + number, name,
                number == 1 ? NodeRole.MANAGER : NodeRole.WORKER, CLUSTER, number == 1));
        data.save(identity);
        InMemoryClusterStore store = cluster.connect();
        stores.put(name, store);
        ClusterLink link = new ClusterLink(data, identity, new NodeWithoutProof(), Optional.empty(), store, Optional.empty(), before.isEmpty());
        WeftNode node = NodeStart.start(spec, link, List.of(provider), bridges);
        nodes.add(node);
        return node;
    }

    @Override
    public void close() {
        nodes.forEach(WeftNode::close);
    }
}
