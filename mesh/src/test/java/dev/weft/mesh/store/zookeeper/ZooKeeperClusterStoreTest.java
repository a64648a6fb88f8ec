package dev.weft.mesh.store.zookeeper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.ClusterStoreContract;
import dev.weft.mesh.store.Subtree;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperClusterStoreTest extends ClusterStoreContract {

    private static final String MANAGER = TestAuthority.id(1);
    private static final String WORKER = TestAuthority.id(2);

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private InetSocketAddress address;
    private EmbeddedServer server;
    private TestAuthority authority;
    private NodeCredentials credentials;
    private StoreLogin manager;
    private final List<ClusterStore> clients = new ArrayList<>();

    @BeforeEach
    void startServer() {
        authority = new TestAuthority(directory.resolve("keys"));
        credentials = authority.credentials(MANAGER, NodeRole.MANAGER);
        manager = authority.login(MANAGER, NodeRole.MANAGER);
        address = new InetSocketAddress("127.0.0.1", ports.store());
        server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "", credentials);
        try (ZooKeeperClusterStore first = ZooKeeperClusterStore.connect(List.of(address), manager, 60)) {
            first.bootstrap(List.of(new Change.Create("/weft", new byte[0])));
        }
    }

    @AfterEach
    void stopServer() {
        clients.forEach(ClusterStore::close);
        server.close();
    }

    @Override
    protected ZooKeeperClusterStore client() {
        ZooKeeperClusterStore client = ZooKeeperClusterStore.connect(List.of(address), manager, 60);
        clients.add(client);
        return client;
    }

    @Override
    protected void expire(ClusterStore client) {
        ((ZooKeeperClusterStore) client).expireSession();
    }

    @Test
    void shouldHaveEverythingAfterARestartAndKeepWatchedCopies() {
        ClusterStore client = client();
        client.commit(new Change.Create("/weft/a", new byte[] {1}), new Change.CreateEphemeral("/weft/live", new byte[0]));
        try (Subtree copy = client.watch("/weft", () -> { })) {
            server.close();
            assertArrayEquals(new byte[] {1}, copy.snapshot().get("/weft/a"));

            server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "", credentials);

            Await.until("connected again", () -> readable(client, "/weft/a"));
            assertArrayEquals(new byte[] {1}, client.read("/weft/a").orElseThrow().data());
            assertTrue(client.holds("/weft/live"), "the session outlived the restart");
            client.commit(new Change.Create("/weft/b", new byte[0]));
            Await.until("copy goes on", () -> copy.snapshot().containsKey("/weft/b"));
        }
    }

    private static boolean readable(ClusterStore client, String path) {
        try {
            return client.read(path).isPresent();
        } catch (WeftException.ManagerUnreachable e) {
            return false;
        }
    }

    @Test
    void shouldLetGoOfItsPortsBeforeCloseReturns() {
        for (int i = 0; i < 5; i++) {
            client().read("/weft");
            server.close();
            EmbeddedServer.requireFree(address.getAddress(), ports);
            server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "", credentials);
        }
    }

    @Test
    void shouldSayWhichPortIsTaken() {
        WeftException.PortInUse refused = assertThrows(WeftException.PortInUse.class,
                () -> EmbeddedServer.start(directory.resolve("second"), 1, address.getAddress(), ports, "", credentials));
        assertTrue(refused.getMessage().contains(Integer.toString(address.getPort())), refused.getMessage());
    }

    @Test
    void shouldRefuseAnAddressOfAnotherMachine() {
        InetAddress elsewhere = InetAddress.ofLiteral("192.0.2.1");
        assertThrows(WeftException.InvalidSpec.class, () -> EmbeddedServer.start(directory.resolve("second"), 1, elsewhere, ports, "", credentials));
    }

    @Test
    void shouldListenOnTheAdvertiseAddressOnly() throws IOException {
        try (Socket there = new Socket("127.0.0.1", address.getPort())) {
            assertTrue(there.isConnected());
        }
        assertThrows(ConnectException.class, () -> new Socket("127.0.0.2", address.getPort()).close());
    }

    @Test
    void shouldServeOnAnIpv6Address() {
        ControlPorts others = FreePort.control();
        InetSocketAddress ipv6 = new InetSocketAddress("::1", others.store());
        try (EmbeddedServer second = EmbeddedServer.start(directory.resolve("second"), 1, ipv6.getAddress(), others, "", credentials);
                ZooKeeperClusterStore first = ZooKeeperClusterStore.connect(List.of(ipv6), manager, 60)) {
            first.bootstrap(List.of(new Change.Create("/weft", new byte[0])));
            assertTrue(first.read("/weft").isPresent(), second.toString());
        }
    }

    @Test
    void shouldGiveUpWhenNobodyAnswers() {
        server.close();
        WeftException.ManagerUnreachable refused = assertThrows(WeftException.ManagerUnreachable.class,
                () -> ZooKeeperClusterStore.connect(List.of(address), manager, 1));
        assertTrue(refused.getMessage().contains("127.0.0.1:" + address.getPort()), refused.getMessage());
    }

    /** The names below an entry come in one answer, and ZooKeeper's clients take one of 1 MB by default. */
    @Test
    void shouldWatchMoreThanAMegabyteOfNames() {
        ClusterStore store = client();
        store.commit(new Change.Create("/weft/many", new byte[0]));
        String longName = "n".repeat(800);
        for (int i = 0; i < 1_500; i += 100) {
            store.commit(IntStream.range(i, i + 100)
                    .<Change>mapToObj(number -> new Change.Create("/weft/many/" + longName + number, new byte[0])).toList());
        }
        assertEquals(1_500, store.children("/weft/many").size());
        try (Subtree copy = store.watch("/weft/many", (path, data) -> { })) {
            assertEquals(1_501, copy.snapshot().size());
        }
    }
}
