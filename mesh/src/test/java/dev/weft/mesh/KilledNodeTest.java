package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.path.DataPathState;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a node in a process of its own. */
class KilledNodeTest {

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    /** Both nodes are at one address; every node listens for the others. */
    private final int nodePortOfTwo = FreePort.tcp();
    private final RecordingDataPath path = new RecordingDataPath(DataPathKind.SOCKET);

    private ControlPorts ports(String name) {
        return name.equals("one") ? ports
                : new ControlPorts(ports.management(), ports.store(), ports.quorum(), ports.election(), nodePortOfTwo);
    }

    private NodeSpec spec(String name) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0.1").ports(ports(name))
                .dataPath(DataPathKind.SOCKET).build();
    }

    private NodeProcess process(String name, String attach, String... managerAndToken) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(name, directory.resolve(name).toString(), "127.0.0.1", NodeMain.text(ports(name)),
                "RECORDING", attach));
        arguments.addAll(List.of(managerAndToken));
        return NodeProcess.start(List.of(), arguments.toArray(String[]::new));
    }

    private List<String> remotes() {
        return path.last().networks().stream().flatMap(network -> network.remotes().stream()).map(remote -> remote.id().name()).sorted().toList();
    }

    @Test
    void shouldLoseNothingWhenTheFirstNodeIsKilled() throws Exception {
        NodeProcess first = process("one", NodeMain.NETWORK);
        try (WeftNode two = NodeStart.start(spec("two"),
                ClusterLink.join(spec("two"), "127.0.0.1:" + ports.management(), first.said("token")), List.of(path))) {
            OverlayNetwork blue = two.network("blue");
            EndpointInfo b = blue.attach(EndpointSpec.networkNamespace("b", "ns", "eth0").build()).info();
            first.kill();
            Await.until("two notices", () -> !two.info().live());
            DataPathState state = path.last();

            try (NodeProcess again = process("one", "")) {
                assertEquals(first.said("id"), again.said("id"));
                assertEquals(first.said("token"), again.said("token"));
                assertEquals("[blue]", again.said("networks"));
                Await.until("two is back", () -> two.info().live());
                assertEquals(List.of(b), blue.endpoints());
                assertEquals(state, path.last(), "its data path has not been touched");
            }
        } finally {
            first.close();
        }
    }

    @Test
    void shouldForgetTheEndpointsOfAKilledNodeAndHaveThemAgainWhenItRestarts() throws Exception {
        try (WeftNode one = NodeStart.start(spec("one"), ClusterLink.init(spec("one")), List.of(path))) {
            String token = one.token(NodeRole.WORKER);
            OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").build());
            blue.attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build());
            NodeProcess two = process("two", "b@ns", "127.0.0.1:" + ports.management(), token);
            Await.until("one hears of them", () -> remotes().equals(List.of("b")));
            EndpointInfo b = blue.endpoints().stream().filter(each -> each.name().equals("b")).findFirst().orElseThrow();
            two.kill();
            Await.until("one forgets them", () -> remotes().isEmpty());
            assertEquals(List.of("a"), blue.endpoints().stream().map(EndpointInfo::name).toList());

            try (NodeProcess again = process("two", "", "127.0.0.1:" + ports.management(), token)) {
                assertEquals("[b]", again.said("local"));
                Await.until("one hears of it again", () -> remotes().equals(List.of("b")));
                assertTrue(blue.endpoints().contains(b), "with the same addresses");
                again.kill();
            }
            // before the session of the killed process is over
            try (NodeProcess quick = process("two", "", "127.0.0.1:" + ports.management(), token)) {
                assertEquals("[b]", quick.said("local"));
                assertEquals(two.said("id"), quick.said("id"));
            }
        }
    }
}
