package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.store.HeardStore;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five nodes on a real ZooKeeper in the first of them, with data paths that only record. */
class TenThousandEndpointsTest {

    private static final int ENDPOINTS = 10_000;
    private static final int WRITERS = 48;
    private static final List<String> NAMES = List.of("one", "two", "three", "four", "five");
    private static final List<String> OVERHEARD = List.of("four", "five");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private final Map<String, WeftNode> nodes = new HashMap<>();
    private final Map<String, RecordingDataPath> paths = new HashMap<>();
    private final Map<String, HeardStore> stores = new HashMap<>();

    @AfterEach
    void closeNodes() {
        NAMES.reversed().stream().filter(nodes::containsKey).forEach(name -> nodes.get(name).close());
    }

    private WeftNode start(String name, String token) {
        NodeSpec spec = OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0." + (NAMES.indexOf(name) + 1))
                .ports(ports).dataPath(DataPathKind.SOCKET).build();
        ClusterLink link = token == null ? ClusterLink.init(spec) : ClusterLink.join(spec, "127.0.0.1:" + ports.management(), token);
        paths.put(name, new RecordingDataPath(DataPathKind.SOCKET));
        WeftNode node = NodeStart.start(spec, OVERHEARD.contains(name) ? overheard(name, link) : link, List.of(paths.get(name)));
        nodes.put(name, node);
        return node;
    }

    private ClusterLink overheard(String name, ClusterLink link) {
        stores.put(name, new HeardStore(link.store()));
        return new ClusterLink(link.directory(), link.identity(), link.proof(), link.host(), stores.get(name), Optional.empty(), link.fresh());
    }

    @Test
    void shouldReachTheLastOfFiveNodesAndNobodyElse() throws Exception {
        WeftNode one = start("one", null);
        NAMES.subList(1, NAMES.size()).forEach(name -> start(name, one.token(NodeRole.WORKER)));
        one.createNetwork(NetworkSpec.named("blue").subnet("10.0.0.0/16").attachable(true).build());
        one.createNetwork(NetworkSpec.named("red").subnet("10.1.0.0/16").attachable(true).build());
        nodes.get("five").network("blue").attach(EndpointSpec.inProcess("here").build());
        nodes.get("four").network("red").attach(EndpointSpec.inProcess("apart").build());
        stores.get("four").heard.clear();

        registerAll(List.of(nodes.get("one"), nodes.get("two"), nodes.get("three")));

        Await.until("all at the last node", PATIENCE, () -> remotes("five") == ENDPOINTS);
        assertTrue(stores.get("five").heard.size() >= ENDPOINTS);
        assertEquals(List.of(), stores.get("four").heard.stream().filter(path -> path.contains("blue")).toList(),
                "a node hears of no network but its own");
        assertEquals(List.of("red"), paths.get("four").last().networks().stream().map(network -> network.name()).toList());

        nodes.get("three").network("blue").attach(EndpointSpec.inProcess("late").build());
        assertEquals(ENDPOINTS + 1, remotes("three"), "a node that comes late has all of them at once");
        Await.until("one more", PATIENCE, () -> remotes("five") == ENDPOINTS + 1);
        nodes.get("three").network("blue").detach("late");
        Await.until("one less", PATIENCE, () -> remotes("five") == ENDPOINTS);
    }

    private int remotes(String name) {
        DataPathState last = paths.get(name).last();
        return last.networks().isEmpty() ? 0 : last.networks().getFirst().remotes().size();
    }

    /** As attach does, but for its wait until the data path of the same node knows the endpoint. */
    private static void registerAll(List<WeftNode> tellers) throws Exception {
        NetworkRecord blue = tellers.getFirst().registries().networks().find("blue").orElseThrow();
        Map<String, NodeRecord> records = tellers.getFirst().registries().membership().nodes().stream()
                .collect(Collectors.toMap(NodeRecord::name, Function.identity()));
        List<Future<?>> made = new ArrayList<>();
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            for (int i = 0; i < ENDPOINTS; i++) {
                EndpointSpec spec = external(i);
                WeftNode teller = tellers.get(i % tellers.size());
                made.add(writers.submit(() -> create(teller, blue, spec, records.get(teller.info().name()))));
            }
            for (Future<?> each : made) {
                each.get();
            }
        }
    }

    /** A store that does not answer within its five seconds has perhaps done it: with the next try the name is taken, by this endpoint. */
    private static void create(WeftNode teller, NetworkRecord network, EndpointSpec spec, NodeRecord record) {
        boolean unknown = false;
        while (true) {
            try {
                teller.registries().endpoints().create(network, spec, record);
                return;
            } catch (WeftException.ManagerUnreachable e) {
                unknown = true;
            } catch (WeftException.NameTaken e) {
                assertTrue(unknown, e.getMessage());
                return;
            }
        }
    }

    private static EndpointSpec external(int number) {
        InetAddress vtep = InetAddress.ofLiteral("198.51.100." + (1 + number % 200));
        return EndpointSpec.external("e" + number, vtep, new MacAddress(0x0200_0000_0000L + number))
                .address(InetAddress.ofLiteral("10.0." + (10 + number / 250) + "." + (1 + number % 250))).build();
    }
}
