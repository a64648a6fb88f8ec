package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The majority is lost for good, or everything is: m1, m2, m3 and the worker w5 at loopback addresses of their own. */
class RecoveryTest {

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private final Map<String, WeftNode> nodes = new TreeMap<>();
    private EndpointInfo a;

    @BeforeEach
    void startNodes() {
        WeftNode m1 = start("m1", ClusterLink.init(spec("m1")));
        String managerToken = m1.token(NodeRole.MANAGER);
        String workerToken = m1.token(NodeRole.WORKER);
        start("m2", ClusterLink.join(spec("m2"), management("m1"), managerToken));
        start("m3", ClusterLink.join(spec("m3"), management("m1"), managerToken));
        awaitManagers("m1", List.of("m1", "m2", "m3"), List.of());
        m1.createNetwork(NetworkSpec.named("blue").build());
        a = attach(start("w5", ClusterLink.join(spec("w5"), management("m1"), workerToken)), "a");
    }

    @AfterEach
    void closeNodes() {
        nodes.values().forEach(WeftNode::close);
    }

    private static String address(String name) {
        return "127.0.0." + name.substring(1);
    }

    private String management(String name) {
        return address(name) + ":" + ports.management();
    }

    private NodeSpec spec(String name) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise(address(name)).ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
    }

    private WeftNode start(String name, ClusterLink link) {
        WeftNode node = NodeStart.start(spec(name), link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
        nodes.put(name, node);
        return node;
    }

    private static EndpointInfo attach(WeftNode node, String name) {
        return node.network("blue").attach(EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").build()).info();
    }

    private void stop(String... names) {
        for (String name : names) {
            nodes.remove(name).close();
        }
    }

    private void awaitManagers(String asked, List<String> voting, List<String> standingBy) {
        ManagersInfo wanted = new ManagersInfo(voting, standingBy);
        Await.until(wanted.summary(), () -> {
            try {
                return nodes.get(asked).managers().equals(wanted);
            } catch (WeftException.ManagerUnreachable e) {
                return false;
            }
        });
    }

    private void awaitBack(String name) {
        Await.until(name + " is back", () -> nodes.get(name).info().live());
    }

    @Test
    void shouldGoOnAloneWhenTheMajorityIsLost() {
        stop("m1", "m3");
        Await.until("no majority", () -> !nodes.get("w5").info().live());
        assertThrows(WeftException.ManagerUnreachable.class, () -> attach(nodes.get("w5"), "b"));
        stop("m2");

        WeftNode m2 = start("m2", ClusterLink.recover(spec("m2")));

        assertEquals(new ManagersInfo(List.of("m2"), List.of()), m2.managers());
        awaitBack("w5");
        EndpointInfo b = attach(nodes.get("w5"), "b");
        assertEquals(List.of(a, b), m2.network("blue").endpoints());
        start("m1", ClusterLink.init(spec("m1")));
        awaitManagers("m2", List.of("m2"), List.of("m1"));
        assertEquals(List.of(a, b), nodes.get("m1").network("blue").endpoints(), "it stands by and has the new state");
        stop("m2");
        WeftNode again = start("m2", ClusterLink.init(spec("m2")));
        assertEquals(List.of(a, b), again.network("blue").endpoints());
    }

    @Test
    void shouldRecoverOnlyWhereAManagersStateIs() throws Exception {
        assertThrows(WeftException.InvalidSpec.class, () -> ClusterLink.recover(spec("m9")));
        stop("w5");
        assertThrows(WeftException.InvalidSpec.class, () -> ClusterLink.recover(spec("w5")));
        assertThrows(WeftException.InUse.class, () -> ClusterLink.recover(spec("m1")));
        assertEquals("m1", nodes.get("m1").info().name());
    }

    @Test
    void shouldHaveTheStateOfTheBackupAgainWhenAllManagersAreLost() throws Exception {
        Path backup = directory.resolve("backup");
        nodes.get("m2").backup(backup);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)));
        assertThrows(WeftException.NameTaken.class, () -> nodes.get("m2").backup(backup));
        assertThrows(WeftException.ManagerRequired.class, () -> nodes.get("w5").backup(directory.resolve("other")));
        assertThrows(WeftException.InvalidSpec.class, () -> ClusterLink.restore(spec("m9"), directory.resolve("other")));
        EndpointInfo late = attach(nodes.get("w5"), "late");
        stop("m1", "m2", "m3");
        assertThrows(WeftException.InvalidSpec.class, () -> ClusterLink.restore(spec("m2"), backup));
        for (String lost : List.of("m1", "m2", "m3")) {
            remove(directory.resolve(lost));
        }

        WeftNode m2 = start("m2", ClusterLink.restore(spec("m2"), backup));

        assertEquals(new ManagersInfo(List.of("m2"), List.of()), m2.managers());
        awaitBack("w5");
        Await.until("what came after the backup is no more: " + late, () -> nodes.get("w5").network("blue").localEndpoints().size() == 1);
        assertEquals(List.of(a), m2.network("blue").endpoints());
        assertEquals(List.of("m2", "w5"), m2.nodes().stream().map(NodeInfo::name).toList());
        String token = m2.token(NodeRole.MANAGER);
        start("m3", ClusterLink.join(spec("m3"), management("m2"), token));
        start("m1", ClusterLink.join(spec("m1"), management("m2"), token));
        awaitManagers("m2", List.of("m1", "m2", "m3"), List.of());
        stop("m2");
        WeftNode again = start("m2", ClusterLink.init(spec("m2")));
        assertEquals(List.of(a), again.network("blue").endpoints());
        assertFalse(again.networks().isEmpty());
    }

    private static void remove(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
