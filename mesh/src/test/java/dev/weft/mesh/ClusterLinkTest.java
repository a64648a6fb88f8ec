package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes on a real ZooKeeper in the first of them, with data paths that only record. */
class ClusterLinkTest {

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private final List<WeftNode> nodes = new ArrayList<>();
    private final RecordingDataPath path = new RecordingDataPath(DataPathKind.SOCKET);

    @AfterEach
    void closeNodes() {
        nodes.reversed().forEach(WeftNode::close);
    }

    /** Each at a loopback address of its own, all at the same ports. */
    private NodeSpec spec(String name) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise(addressOf(name)).ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
    }

    private static String addressOf(String name) {
        return "127.0.0." + (List.of("one", "two", "three", "four").indexOf(name) + 1);
    }

    private WeftNode started(NodeSpec spec, ClusterLink link, RecordingDataPath with) {
        WeftNode node = NodeStart.start(spec, link, List.of(with));
        nodes.add(node);
        return node;
    }

    private WeftNode init(String name) {
        return started(spec(name), ClusterLink.init(spec(name)), path);
    }

    private WeftNode join(String name, String token) {
        return started(spec(name), ClusterLink.join(spec(name), "127.0.0.1:" + ports.management(), token),
                new RecordingDataPath(DataPathKind.SOCKET));
    }

    private List<String> files(String name) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(name))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void shouldHaveItsClusterAgainAfterARestart() {
        WeftNode one = init("one");
        String token = one.token(NodeRole.WORKER);
        one.createNetwork(NetworkSpec.named("blue").build()).attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build());
        String id = one.info().id();
        one.close();

        WeftNode again = init("one");

        assertEquals(id, again.info().id());
        assertEquals(token, again.token(NodeRole.WORKER));
        assertEquals(List.of("blue"), again.networks().stream().map(network -> network.info().name()).toList());
        assertEquals(List.of("a"), again.network("blue").endpoints().stream().map(EndpointInfo::name).toList());
    }

    @Test
    void shouldLetWorkersAndManagersJoinByTheirTokens() {
        WeftNode one = init("one");
        WeftNode worker = join("two", one.token(NodeRole.WORKER));
        WeftNode manager = join("three", one.token(NodeRole.MANAGER));

        assertEquals(List.of(NodeRole.MANAGER, NodeRole.MANAGER, NodeRole.WORKER), worker.nodes().stream()
                .sorted(Comparator.comparing(NodeInfo::role)).map(NodeInfo::role).toList());
        assertEquals(one.token(NodeRole.WORKER), manager.token(NodeRole.WORKER));
        assertEquals(one.token(NodeRole.MANAGER), manager.token(NodeRole.MANAGER));
        manager.createNetwork(NetworkSpec.named("blue").build());
        assertEquals("blue", worker.network("blue").info().name());
        worker.leave();
        assertEquals(List.of("one", "three"), one.nodes().stream().map(NodeInfo::name).toList());
    }

    @Test
    void shouldRefuseWrongTokensAndLeaveNothingBehind() throws IOException {
        WeftNode one = init("one");
        String token = one.token(NodeRole.WORKER);
        char last = token.charAt(token.length() - 1);
        String wrongSecret = token.substring(0, token.length() - 1) + (last == '0' ? '1' : '0');
        String wrongCluster = "WEFT2-" + "0".repeat(64) + token.substring(70);
        String wrongRole = token.replace("worker", "manager");

        for (String wrong : List.of(wrongSecret, wrongCluster, wrongRole, "WEFT2", "")) {
            assertThrows(WeftException.TokenRefused.class, () -> join("two", wrong), wrong);
        }

        Await.until("each is counted", () -> one.counters().value("port:management", "refused:foreign-cluster") == 1);
        assertEquals(2, one.counters().value("port:management", "refused:wrong-token"), "the secret, and the other role's");
        assertEquals(List.of("one"), one.nodes().stream().map(NodeInfo::name).toList());
        assertFalse(Files.exists(directory.resolve("two/node.json")));
        assertEquals("two", join("two", token).info().name());
    }

    @Test
    void shouldRefuseTheNameOfALiveNodeAndLeaveNothingBehind() throws IOException {
        WeftNode one = init("one");
        NodeSpec second = OverlayNode.builder().name("one").dataDirectory(directory.resolve("second")).advertise("127.0.0.1")
                .ports(ports).dataPath(DataPathKind.SOCKET).build();
        RecordingDataPath with = new RecordingDataPath(DataPathKind.SOCKET);

        assertThrows(WeftException.NameTaken.class,
                () -> started(second, ClusterLink.join(second, "127.0.0.1:" + ports.management(), one.token(NodeRole.WORKER)), with));

        assertEquals(List.of("lock"), files("second"));
        assertFalse(with.open);
        assertEquals(1, one.nodes().size());
    }

    @Test
    void shouldSayThatNoManagerAnswers() throws IOException {
        WeftNode one = init("one");
        String token = one.token(NodeRole.WORKER);
        one.close();
        String message = assertThrows(WeftException.ManagerUnreachable.class, () -> join("two", token)).getMessage();
        assertTrue(message.contains("127.0.0.1:" + ports.management()), message);
        assertEquals(List.of("lock"), files("two"));
    }

    @Test
    void shouldForgetAFirstStartThatFailed() throws IOException {
        NodeSpec kernel = OverlayNode.builder().name("one").dataDirectory(directory.resolve("one")).advertise("127.0.0.1").ports(ports)
                .dataPath(DataPathKind.KERNEL).build();
        assertThrows(WeftException.DataPathUnavailable.class, () -> started(kernel, ClusterLink.init(kernel), path));
        assertEquals(List.of("lock"), files("one"));

        try (ServerSocket other = new ServerSocket(ports.election(), 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThrows(WeftException.PortInUse.class, () -> init("one"));
            assertTrue(other.isBound());
        }
        assertEquals(List.of("lock"), files("one"));
        assertEquals("one", init("one").info().name());
    }

    @Test
    void shouldKeepItsStateWhenALaterStartFails() {
        init("one").createNetwork(NetworkSpec.named("blue").build());
        nodes.getFirst().close();
        path.failOpen = new WeftException.PortInUse("UDP 4789");
        assertThrows(WeftException.PortInUse.class, () -> init("one"));
        path.failOpen = null;
        assertEquals("blue", init("one").network("blue").info().name());
    }

    @Test
    void shouldRefuseADirectoryThatIsAnotherNodes() {
        WeftNode one = init("one");
        String token = one.token(NodeRole.WORKER);
        assertThrows(WeftException.InUse.class, () -> init("one"));
        NodeSpec renamed = OverlayNode.builder().name("uno").dataDirectory(directory.resolve("two")).advertise("127.0.0.1")
                .ports(FreePort.control()).build();
        join("two", token).close();
        assertThrows(WeftException.InvalidSpec.class, () -> ClusterLink.join(renamed, "127.0.0.1:" + ports.management(), token));
        assertThrows(WeftException.InvalidSpec.class, () -> init("two"));
        one.close();
        assertThrows(WeftException.InvalidSpec.class, () -> join("one", token));
    }

    @Test
    void shouldGoOnWithTheOthersWhenTheFirstNodeRestarts() {
        WeftNode one = init("one");
        WeftNode two = join("two", one.token(NodeRole.WORKER));
        one.createNetwork(NetworkSpec.named("blue").build());
        OverlayNetwork blue = two.network("blue");
        blue.attach(EndpointSpec.networkNamespace("b", "ns", "eth0").build());
        one.close();
        Await.until("two notices", () -> !two.info().live());
        assertThrows(WeftException.ManagerUnreachable.class, two::nodes);

        WeftNode again = init("one");

        Await.until("two is back", () -> two.info().live());
        blue.attach(EndpointSpec.networkNamespace("c", "ns2", "eth0").build());
        assertEquals(List.of("b", "c"), again.network("blue").endpoints().stream().map(EndpointInfo::name).toList());
        Await.until("both live", () -> again.nodes().stream().allMatch(NodeInfo::live));
    }
}
