package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.Cidr;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointMode;
import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.NodeRole;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.InMemoryCluster;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From entries of the store to the state, change by change: the same as all of it computed from nothing. */
class IncrementalStateTest {

    private static final String SELF = "n0";
    private static final List<String> NETWORKS = List.of("blue", "red");

    private final Random random = new Random(5);
    private final Random fitness = new Random(5);
    private final ClusterStore store = new InMemoryCluster().connect();

    @BeforeEach
    void makeRoots() {
        store.commit(new Change.Create("/weft", new byte[0]));
        for (Change.Create root : Layout.ofMembers()) {
            store.commit(root);
        }
        NETWORKS.forEach(this::makeNetwork);
    }

    private void makeNetwork(String name) {
        put(Layout.network(name), RecordCodec.encode(new NetworkRecord(name, 70 + NETWORKS.indexOf(name) + 10 * random.nextInt(3), 1450,
                List.of(new SubnetRecord(Cidr.parse("10.0.0.0/16"), ip("10.0.0.1"), Cidr.parse("10.0.0.0/16"))), true)));
        put(Layout.endpoints(name), new byte[0]);
        put(Layout.services(name), new byte[0]);
    }

    private static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }

    private void put(String path, byte[] data) {
        store.commit(store.read(path).<Change>map(entry -> new Change.Replace(path, data, entry.version()))
                .orElseGet(() -> new Change.Create(path, data)));
    }

    private void remove(String path) {
        store.children(path).forEach(child -> remove(path + "/" + child));
        store.read(path).ifPresent(_ -> store.commit(new Change.Delete(path)));
    }

    @Test
    void shouldBeWhatAFullComputationGives() {
        StateCompiler compiler = new StateCompiler(SELF);
        int states = 0;
        try (ClusterWatch watch = new ClusterWatch(store, new HandWorker(true), () -> { })) {
            NETWORKS.forEach(watch::retain);
            DataPathState last = compiler.compile(watch.view(), 0);
            for (int round = 1; round < 600; round++) {
                for (int change = random.nextInt(4); change > 0; change--) {
                    changeSomething();
                }
                DataPathState state = compiler.compile(watch.view(), round);
                assertEquals(fromNothing(round), state);
                for (NetworkState network : state.networks()) {
                    last.networks().stream().filter(network::equals).forEach(same -> assertSame(same.remotes(), network.remotes()));
                }
                states += state.networks().equals(last.networks()) ? 0 : 1;
                last = state;
            }
        }
        assertTrue(states > 200, "the changes change something");
    }

    private DataPathState fromNothing(long epoch) {
        try (ClusterWatch watch = new ClusterWatch(store, new HandWorker(true), () -> { })) {
            NETWORKS.forEach(watch::retain);
            ClusterView view = watch.view();
            DataPathState state = new StateCompiler(SELF).compile(view, epoch);
            assertEquals(StateDefinition.networks(view, SELF), state.networks());
            return state;
        }
    }

    private void changeSomething() {
        String network = NETWORKS.get(random.nextInt(NETWORKS.size()));
        String node = "n" + random.nextInt(4);
        int number = 2 + random.nextInt(25);
        String endpoint = Layout.endpoints(network) + "/e" + number;
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> put(endpoint, RecordCodec.encode(endpoint(network, node, number)));
            case 5, 6 -> remove(endpoint);
            case 7 -> put(Layout.NODES + "/" + node, RecordCodec.encode(new NodeRecord(node, node, NodeRole.WORKER, ip("192.0.2.1"),
                    ip("192.0.2." + random.nextInt(9)), DataPathKind.SOCKET, ControlPorts.DEFAULT, random.nextBoolean())));
            case 8 -> remove(Layout.NODES + "/" + node);
            case 9, 10 -> put(Layout.LIVE + "/" + node, new byte[0]);
            case 11 -> remove(Layout.LIVE + "/" + node);
            case 12 -> changeService(network);
            default -> {
                if (random.nextInt(4) == 0) {
                    remove(Layout.network(network));
                    makeNetwork(network);
                } else {
                    put(endpoint, "no record".getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    private EndpointRecord endpoint(String network, String node, int number) {
        Attachment attachment = random.nextInt(5) == 0 ? new Attachment.External(ip("198.51.100." + random.nextInt(3))) : new Attachment.InProcess();
        return new EndpointRecord(network, "e" + number, node, new MacAddress(0x0200_0000_0000L + number),
                List.of(ip("10.0.0." + number), ip("fd00::" + number)), List.of(), attachment)
                .withHealth(new HealthStatus(Health.values()[fitness.nextInt(4)], ""));
    }

    private void changeService(String network) {
        String path = Layout.services(network) + "/s" + random.nextInt(3);
        List<String> backends = new ArrayList<>();
        for (int n = random.nextInt(6); n > 0; n--) {
            backends.add("e" + (2 + random.nextInt(25)));
        }
        if (random.nextInt(3) == 0) {
            remove(path);
        } else {
            put(path, RecordCodec.encode(new ServiceRecord(network, path.substring(path.length() - 2), EndpointMode.VIP, Balancing.EVEN,
                    List.of(ip("10.0.1.1"), ip("fd00::1:1")), backends)));
        }
    }
}
