package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.ManagersInfo;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Managers come and go, on real ZooKeeper servers: m1, m2, ... at loopback addresses of their own, and workers w5, w6. */
class SeveralManagersTest {

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private final Map<String, WeftNode> nodes = new TreeMap<>();
    private String managerToken;
    private String workerToken;

    @BeforeEach
    void init() {
        WeftNode m1 = start("m1");
        managerToken = m1.token(NodeRole.MANAGER);
        workerToken = m1.token(NodeRole.WORKER);
    }

    @AfterEach
    void closeNodes() {
        nodes.values().stream().toList().reversed().forEach(WeftNode::close);
    }

    private static String address(String name) {
        return "127.0.0." + name.substring(1);
    }

    /** Or again. All join through m1, whether it is there or not. */
    private WeftNode start(String name) {
        NodeSpec spec = OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise(address(name)).ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
        ClusterLink link = name.equals("m1") ? ClusterLink.init(spec)
                : ClusterLink.join(spec, address("m1") + ":" + ports.management(), name.startsWith("m") ? managerToken : workerToken);
        WeftNode node = NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
        nodes.put(name, node);
        return node;
    }

    private void stop(String name) {
        nodes.remove(name).close();
    }

    private static void awaitManagers(WeftNode asked, List<String> voting, List<String> standingBy) {
        ManagersInfo wanted = new ManagersInfo(voting, standingBy);
        Await.until(wanted.summary(), () -> {
            try {
                return asked.managers().equals(wanted);
            } catch (WeftException.ManagerUnreachable e) {
                return false;
            }
        });
    }

    private boolean hasStore(String name) {
        return Files.exists(directory.resolve(name).resolve("store"));
    }

    @Test
    void shouldGoOnWithoutTheManagerThatAllJoinedThrough() {
        WeftNode m2 = start("m2");
        assertEquals(new ManagersInfo(List.of("m1"), List.of("m2")), m2.managers());
        WeftNode m3 = start("m3");
        awaitManagers(m3, List.of("m1", "m2", "m3"), List.of());
        WeftNode worker = start("w5");
        m2.createNetwork(NetworkSpec.named("blue").build());

        stop("m1");

        Await.until("the worker is with another manager", () -> worker.info().live());
        EndpointInfo a = worker.network("blue").attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build()).info();
        assertEquals(List.of(a), m2.network("blue").endpoints());
        stop("w5");
        WeftNode again = start("w5");
        assertEquals(List.of(a), again.network("blue").endpoints(), "it found the others by what it remembered");
        stop("m3");
        WeftNode m1 = start("m1");
        Await.until("a majority again", () -> m1.info().live());
        assertEquals(List.of(a), m1.network("blue").endpoints());
        start("m3");
        awaitManagers(m1, List.of("m1", "m2", "m3"), List.of());
    }

    @Test
    void shouldDemoteAndPromoteWhoeverLeads() {
        start("m2");
        start("m3");
        awaitManagers(nodes.get("m1"), List.of("m1", "m2", "m3"), List.of());
        nodes.get("m2").createNetwork(NetworkSpec.named("blue").build());
        for (String name : List.of("m1", "m2", "m3")) {
            WeftNode other = nodes.get(name.equals("m1") ? "m2" : "m1");
            ManagersInfo two = other.demote(name);
            assertEquals(1, two.voting().size(), two.summary());
            assertEquals(1, two.standingBy().size(), two.summary());
            assertFalse(two.voting().contains(name) || two.standingBy().contains(name), two.summary());
            Await.until("it is a worker", () -> nodes.get(name).info().role() == NodeRole.WORKER && !hasStore(name));
            assertEquals("blue", nodes.get(name).network("blue").info().name());
            other.promote(name);
            awaitManagers(other, List.of("m1", "m2", "m3"), List.of());
            assertTrue(hasStore(name));
        }
    }

    @Test
    void shouldMakeManagersOfWorkersThatNeverWereAny() {
        start("w5");
        start("w6");
        assertEquals(new ManagersInfo(List.of("m1"), List.of("w5")), nodes.get("m1").promote("w5"));
        nodes.get("m1").promote("w6");
        awaitManagers(nodes.get("m1"), List.of("m1", "w5", "w6"), List.of());
        assertEquals(managerToken, nodes.get("w5").token(NodeRole.MANAGER));
        stop("m1");
        Await.until("two are a majority", () -> nodes.get("w5").info().live() && nodes.get("w6").info().live());
        nodes.get("w6").createNetwork(NetworkSpec.named("blue").build());
        stop("w5");
        start("m1");
        WeftNode again = start("w5");
        awaitManagers(again, List.of("m1", "w5", "w6"), List.of());
        assertEquals("blue", again.network("blue").info().name());
    }

    @Test
    void shouldRefuseWhatWouldLoseTheMajority() {
        WeftNode m1 = nodes.get("m1");
        String only = assertThrows(WeftException.QuorumAtRisk.class, () -> m1.demote("m1")).getMessage();
        assertTrue(only.contains("it is the only manager"), only);
        start("m2");
        start("m3");
        awaitManagers(m1, List.of("m1", "m2", "m3"), List.of());
        stop("m3");
        for (WeftException refused : List.of(assertThrows(WeftException.QuorumAtRisk.class, () -> m1.demote("m2")),
                assertThrows(WeftException.QuorumAtRisk.class, () -> nodes.get("m2").leave()))) {
            assertTrue(refused.getMessage().contains("3 managers: 3 vote (m1, m2, m3)"), refused.getMessage());
        }
        assertEquals(NodeRole.MANAGER, nodes.get("m2").info().role());
        m1.remove("m3", false);
        awaitManagers(m1, List.of("m1"), List.of("m2"));
        nodes.remove("m2").leave();
        assertEquals(new ManagersInfo(List.of("m1"), List.of()), m1.managers());
        assertEquals(List.of("m1"), m1.nodes().stream().map(NodeInfo::name).toList());
        assertThrows(WeftException.NotFound.class, () -> m1.promote("m2"));
    }

    @Test
    void shouldLetTheFounderLeave() {
        WeftNode m2 = start("m2");
        m2.createNetwork(NetworkSpec.named("blue").build());
        nodes.remove("m1").leave();
        assertEquals(new ManagersInfo(List.of("m2"), List.of()), m2.managers());
        assertEquals("blue", m2.network("blue").info().name());
        assertFalse(hasStore("m1"));
    }

    @Test
    void shouldDrainANodeAndTakeItBack() {
        WeftNode m1 = nodes.get("m1");
        WeftNode worker = start("w5");
        m1.createNetwork(NetworkSpec.named("blue").build());
        worker.network("blue").attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build());
        m1.drain("w5");
        WeftException refused = assertThrows(WeftException.NodeDrained.class,
                () -> worker.network("blue").attach(EndpointSpec.networkNamespace("b", "ns", "eth1").build()));
        assertTrue(refused.getMessage().contains("'w5'"), refused.getMessage());
        assertEquals(List.of(false, true), m1.nodes().stream().map(NodeInfo::drained).toList());
        stop("w5");
        WeftNode again = start("w5");
        assertEquals(1, again.network("blue").localEndpoints().size(), "what it has, it keeps");
        assertThrows(WeftException.NodeDrained.class,
                () -> again.network("blue").attach(EndpointSpec.networkNamespace("b", "ns", "eth1").build()));
        m1.activate("w5");
        again.network("blue").attach(EndpointSpec.networkNamespace("b", "ns", "eth1").build());
    }

    private static WeftException refusalOf(WeftNode node) {
        return assertThrows(WeftException.class, () -> node.network("blue").attach(EndpointSpec.networkNamespace("b", "ns", "eth1").build()));
    }

    @Test
    void shouldRemoveANodeWithAllThatItAttached() {
        WeftNode m1 = nodes.get("m1");
        WeftNode worker = start("w5");
        m1.createNetwork(NetworkSpec.named("blue").build());
        worker.network("blue").attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build());
        assertThrows(WeftException.InUse.class, () -> m1.remove("m1", true));
        assertThrows(WeftException.InUse.class, () -> m1.remove("w5", false));
        assertThrows(WeftException.NotFound.class, () -> m1.remove("w6", true));

        m1.remove("w5", true);

        assertEquals(List.of(), m1.network("blue").endpoints());
        assertEquals(List.of("m1"), m1.nodes().stream().map(NodeInfo::name).toList());
        Await.until("the node hears why nobody answers", () -> refusalOf(worker) instanceof WeftException.IdentityRefused);
        worker.close();
        assertInstanceOf(WeftException.IdentityRefused.class, assertThrows(WeftException.class, () -> start("w5")));
    }
}
