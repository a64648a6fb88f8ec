package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.CertificateInfo;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.WeftException;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.testing.FreePort;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and certificates of a manager and a worker over their time, on a real store. The clock for certificates can be put forward. */
class CertificateLifeTest {

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private final List<WeftNode> nodes = new ArrayList<>();
    private volatile Duration ahead = Duration.ZERO;
    private WeftNode manager;

    @BeforeEach
    void init() {
        manager = started(spec("one", 1), ClusterLink.init(spec("one", 1), this::now));
    }

    @AfterEach
    void closeNodes() {
        nodes.reversed().forEach(WeftNode::close);
    }

    private Instant now() {
        return Instant.now().plus(ahead);
    }

    private NodeSpec spec(String name, int number) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0." + number).ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
    }

    private WeftNode started(NodeSpec spec, ClusterLink link) {
        WeftNode node = NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
        nodes.add(node);
        return node;
    }

    private WeftNode join(String name, int number, String token) {
        return started(spec(name, number), ClusterLink.join(spec(name, number), "127.0.0.1:" + ports.management(), token, this::now));
    }

    private CertificateInfo certificate(String name) {
        Await.until(name + " has said what certificate it has", () -> {
            try {
                return manager.certificate(name) != null;
            } catch (WeftException.NotFound e) {
                return false;
            }
        });
        return manager.certificate(name);
    }

    @Test
    void shouldRotateTokensWithoutDisturbingMembers() {
        String old = manager.token(NodeRole.WORKER);
        String managers = manager.token(NodeRole.MANAGER);
        WeftNode two = join("two", 2, old);

        String fresh = manager.rotateToken(NodeRole.WORKER);

        assertNotEquals(old, fresh);
        assertEquals(fresh, manager.token(NodeRole.WORKER));
        assertEquals(managers, manager.token(NodeRole.MANAGER));
        assertThrows(WeftException.TokenRefused.class, () -> join("three", 3, old));
        assertTrue(two.info().live());
        two.close();
        assertEquals("two", join("two", 2, old).info().name(), "it comes back by its certificate");
        assertEquals("three", join("three", 3, fresh).info().name());
        assertThrows(WeftException.ManagerRequired.class, () -> nodes.getLast().rotateToken(NodeRole.WORKER));
        assertThrows(WeftException.ManagerRequired.class, () -> nodes.getLast().token(NodeRole.WORKER));
    }

    @Test
    void shouldReplaceTheCaWhileNodesGoOn() {
        WeftNode two = join("two", 2, manager.token(NodeRole.WORKER));
        manager.createNetwork(NetworkSpec.named("blue").build());
        String old = certificate("one").authority();
        assertEquals(old, certificate("two").authority());
        String oldToken = manager.token(NodeRole.WORKER);

        manager.rotateAuthority();

        Await.until("both have a certificate of the next CA", Duration.ofSeconds(60),
                () -> !certificate("one").authority().equals(old) && certificate("two").authority().equals(certificate("one").authority()));
        String next = certificate("one").authority();
        Await.until("and that one signs alone", Duration.ofSeconds(60), () -> manager.token(NodeRole.WORKER).contains(next));
        two.network("blue").attach(EndpointSpec.networkNamespace("a", "ns", "eth0").build());
        assertThrows(WeftException.TokenRefused.class, () -> join("three", 3, oldToken));
        assertEquals("three", join("three", 3, manager.token(NodeRole.WORKER)).info().name());
        two.close();
        assertEquals("two", join("two", 2, oldToken).info().name());
        Await.until("another one can begin", Duration.ofSeconds(60), this::begins);
    }

    private boolean begins() {
        try {
            manager.rotateAuthority();
            return true;
        } catch (WeftException.InUse e) {
            return false;
        }
    }

    @Test
    void shouldRenewAtHalfTheLifeAndRefuseAfterItsEnd() {
        WeftNode two = join("two", 2, manager.token(NodeRole.WORKER));
        Instant end = certificate("two").notAfter();
        two.close();

        ahead = CertificateAuthority.NODE_VALIDITY.dividedBy(2).plusHours(1);
        WeftNode again = join("two", 2, "not looked at");

        Await.until("it has another one", () -> certificate("two").notAfter().isAfter(end));
        assertEquals(NodeRole.WORKER, certificate("two").role());
        again.close();
        ahead = ahead.plus(CertificateAuthority.NODE_VALIDITY).plusHours(1);
        String message = assertThrows(WeftException.IdentityRefused.class, () -> join("two", 2, "not looked at")).getMessage();
        assertTrue(message.contains("ended at"), message);
    }
}
