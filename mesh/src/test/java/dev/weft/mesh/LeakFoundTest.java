package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.LeakReport;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.leak.LeakTest;
import dev.weft.testing.FreePort;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network in clear leaks, and the leak test says so: else it would be worth nothing where it finds none. */
@Tag("privileged")
class LeakFoundTest {

    @TempDir
    private Path directory;
    private OverlayNode one;
    private OverlayNode two;

    @BeforeEach
    void startNodes() {
        ControlPorts ports = FreePort.control();
        int dataPathPort = FreePort.udp();
        one = OverlayNode.builder().name("one").dataDirectory(directory.resolve("one")).advertise("127.0.0.2").ports(ports)
                .dataPathPort(dataPathPort).dataPath(DataPathKind.SOCKET).init();
        two = OverlayNode.builder().name("two").dataDirectory(directory.resolve("two")).advertise("127.0.0.3").ports(ports)
                .dataPathPort(dataPathPort).dataPath(DataPathKind.SOCKET).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
    }

    @AfterEach
    void closeNodes() {
        two.close();
        one.close();
    }

    @Test
    void shouldFindTheMarkOfANetworkInClear() {
        OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").subnet("10.1.0.0/24").build());
        LeakReport alone = new LeakTest(blue, ((WeftNode) one).local().path(), List::of).run("one");
        assertFalse(alone.isClean());
        assertEquals(0, alone.sent());

        blue.attach(EndpointSpec.inProcess("a").build());
        two.network("blue").attach(EndpointSpec.inProcess("b").build());
        Await.until("the other one is known", () -> blue.endpoints().size() == 2);
        LeakReport report = new LeakTest(blue, ((WeftNode) one).local().path(), List::of).run("one");
        assertEquals(List.of("two"), report.peers());
        assertTrue(report.sent() > 0 && !report.leaks().isEmpty(), report.toString());
        assertFalse(report.isClean());
        assertEquals(List.of("a"), blue.localEndpoints().stream().map(each -> each.info().name()).toList(), "its endpoint is gone again");
        assertThrows(WeftException.InvalidSpec.class, blue::verify);
    }
}
