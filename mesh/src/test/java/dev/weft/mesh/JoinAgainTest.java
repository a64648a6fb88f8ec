package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins through a {@link BreakingRelay} to a real manager. */
class JoinAgainTest {

    @TempDir
    private Path directory;
    private ClusterLink link;
    private WeftNode manager;
    private ControlPorts ports;

    @BeforeEach
    void startManager() {
        NodeSpec spec = spec("one");
        ports = spec.ports();
        link = ClusterLink.init(spec);
        manager = NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    private NodeSpec spec(String name) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0.1").ports(FreePort.control())
                .dataPath(DataPathKind.SOCKET).build();
    }

    private void joinBy(BreakingRelay relay) {
        NodeSpec spec = spec("two");
        ClusterLink second = ClusterLink.join(spec, "127.0.0.1:" + relay.port(), manager.token(NodeRole.WORKER));
        NodeStart.start(spec, second, List.of(new RecordingDataPath(DataPathKind.SOCKET))).close();
    }

    private int members() {
        return new CertificateRegistry(link.store(), new SecureRandom()).members().size();
    }

    @Test
    void shouldAskAgainWhenConnectionsBreakBeforeAnAnswer() throws IOException {
        try (BreakingRelay relay = new BreakingRelay(ports.management(), BreakingRelay.Fault.HANGS_UP, BreakingRelay.Fault.HANGS_UP)) {
            joinBy(relay);
            assertEquals(3, relay.connections());
        }
        assertEquals(List.of("one", "two"), manager.nodes().stream().map(NodeInfo::name).sorted().toList());
    }

    /** Half a member would hold up the next replacement of the CA for ever. */
    @Test
    void shouldBeOneMemberWhenTheAnswerWasLost() throws IOException {
        try (BreakingRelay relay = new BreakingRelay(ports.management(), BreakingRelay.Fault.LOSES_THE_ANSWER)) {
            joinBy(relay);
            assertEquals(2, relay.connections());
            assertTrue(relay.lost() > 0, "there was an answer");
        }
        assertEquals(2, members());
    }

    @Test
    void shouldTakeANoForANo() throws IOException {
        String token = manager.token(NodeRole.WORKER);
        manager.rotateToken(NodeRole.WORKER);
        try (BreakingRelay relay = new BreakingRelay(ports.management())) {
            NodeSpec spec = spec("two");
            assertThrows(WeftException.TokenRefused.class, () -> ClusterLink.join(spec, "127.0.0.1:" + relay.port(), token));
            assertEquals(1, relay.connections());
        }
        assertEquals(1, members());
    }

    /** On a machine under load a TLS handshake has taken longer than the five seconds that there were for it. */
    @Test
    void shouldHaveTimeForASlowHandshake() throws IOException {
        try (BreakingRelay relay = new BreakingRelay(ports.management(), BreakingRelay.Fault.STOPS_FOR_SIX_SECONDS)) {
            joinBy(relay);
            assertEquals(1, relay.connections());
        }
    }
}
