package dev.weft.mesh;

import dev.weft.api.Cipher;
import dev.weft.api.SaInfo;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.mesh.keys.KeyClock;
import dev.weft.mesh.keys.KeyLog;
import dev.weft.mesh.keys.KeyRing;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.StateCompiler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of a node, between what the cluster's state says is shared and what its data path has. Thread-safe. */
public final class NodeKeys {

    private static final Logger LOG = LoggerFactory.getLogger(NodeKeys.class);
    /** {@code attach} waits so long for keys with those who are there; packets are dropped until there are some. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final NodeRecord self;
    private final DataPath path;
    private final KeyRing ring;
    private final KeyClock clock;
    private final Optional<KeyLog> log;
    private volatile ClusterView known = new ClusterView(Map.of(), Set.of(), List.of());
    /** By VNI, as this process saw it last; its first keys are new anyway. Whoever compiles states has it to himself. */
    private final Map<Integer, Long> rotations = new HashMap<>();

    /** @param onChange the state is another now */
    NodeKeys(NodeRecord self, ControlPlane.Ground ground, Runnable onChange) {
        this.self = self;
        this.path = ground.path();
        this.log = ground.keyLog();
        this.ring = new KeyRing(self.id(), ground.limits(), ground.random(), () -> System.nanoTime() / 1_000_000, onChange);
        this.clock = new KeyClock(ring, path::saUsage, ground.scheduler().worker("weft-key-clock-" + self.name()));
    }

    KeyRing ring() {
        return ring;
    }

    /** The state with the keys of this moment. @param compiler has compiled the view */
    DataPathState complete(DataPathState state, ClusterView view, StateCompiler compiler) {
        known = view;
        view.networks().forEach(part -> followRotation(part.network(), view));
        DataPathState complete = new DataPathState(state.epoch(), state.networks(), ring.share(compiler.shares(self), view.nodes().keySet()));
        if (!complete.peers().isEmpty()) {
            clock.wake();
        }
        log.ifPresent(file -> file.write(self.vtep(), complete.peers()));
        return complete;
    }

    void applied(DataPathState state) {
        ring.applied(state.peers());
    }

    /** Where a member of the cluster listens for other nodes. */
    Optional<InetSocketAddress> addressOf(String node) {
        return Optional.ofNullable(known.nodes().get(node)).map(record -> new InetSocketAddress(record.advertise(), record.ports().node()));
    }

    /** Waits a moment for keys with the live nodes that have an endpoint in the network. */
    void await(NetworkRecord network, ClusterView view) {
        if (network.encryption().isEmpty()) {
            return;
        }
        Cipher cipher = network.encryption().get();
        Set<String> peers = peersIn(network, view).stream().filter(view.live()::contains).collect(Collectors.toSet());
        try {
            if (!ring.awaitReady(cipher, peers, PATIENCE)) {
                LOG.warn("no keys yet with every node of network '{}'; packets to those are dropped until there are", network.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each node of a network draws new keys and asks for new ones, so a pair has them even while one of the two hears nothing of the cluster. */
    private void followRotation(NetworkRecord network, ClusterView view) {
        network.encryption().ifPresent(cipher -> {
            Long before = rotations.put(network.vni(), network.keyRotation());
            if (before != null && before != network.keyRotation()) {
                ring.rotate(cipher, peersIn(network, view));
            }
        });
    }

    private Set<String> peersIn(NetworkRecord network, ClusterView view) {
        return view.networks().stream().filter(part -> part.network().vni() == network.vni()).flatMap(part -> part.endpoints().stream())
                .map(endpoint -> endpoint.node()).filter(node -> !node.equals(self.id()) && view.nodes().containsKey(node))
                .collect(Collectors.toSet());
    }

    /** Keys stay as they are. */
    void close() {
        clock.close();
        log.ifPresent(KeyLog::close);
    }

    List<SaInfo> list() {
        Map<String, NodeRecord> nodes = known.nodes();
        return ring.list(path.saUsage(), id -> nodes.containsKey(id) ? nodes.get(id).name() : id);
    }
}
