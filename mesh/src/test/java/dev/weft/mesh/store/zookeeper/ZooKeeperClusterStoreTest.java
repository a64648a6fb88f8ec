package dev.weft.mesh.store.zookeeper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.FreePort;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.ClusterStoreContract;
import dev.weft.mesh.store.Subtree;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperClusterStoreTest extends ClusterStoreContract {

    private static final Credentials MANAGER = new Credentials(Optional.of("much-secret"), "less-secret");
    private static final Credentials WORKER = new Credentials(Optional.empty(), "less-secret");

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private InetSocketAddress address;
    private EmbeddedServer server;
    private final List<ClusterStore> clients = new ArrayList<>();

    @BeforeEach
    void startServer() {
        address = new InetSocketAddress("127.0.0.1", ports.store());
        server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "");
        try (ZooKeeperClusterStore manager = ZooKeeperClusterStore.connect(List.of(address), MANAGER, 10)) {
            manager.bootstrap(List.of(new Change.Create("/cluster", new byte[0])), List.of(new Change.Create("/weft", new byte[0])));
        }
    }

    @AfterEach
    void stopServer() {
        clients.forEach(ClusterStore::close);
        server.close();
    }

    @Override
    protected ZooKeeperClusterStore client() {
        ZooKeeperClusterStore client = ZooKeeperClusterStore.connect(List.of(address), WORKER, 10);
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

            server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "");

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
    void shouldLetNobodyReadOrWriteWithoutTheSecret() throws Exception {
        client().commit(new Change.Create("/weft/a", new byte[0]));
        Credentials wrong = new Credentials(Optional.of("guess"), "guess");
        try (ZooKeeperClusterStore stranger = ZooKeeperClusterStore.connect(List.of(address), wrong, 10)) {
            assertThrows(WeftException.TokenRefused.class, () -> stranger.read("/weft"));
            assertThrows(WeftException.TokenRefused.class, () -> stranger.read("/weft/a"));
            assertThrows(WeftException.TokenRefused.class, () -> stranger.children("/weft"));
            assertThrows(WeftException.TokenRefused.class, () -> stranger.commit(new Change.Delete("/weft/a")));
            assertThrows(WeftException.TokenRefused.class, () -> stranger.commit(new Change.Create("/weft/b", new byte[0])));
        }
        try (CuratorFramework nobody = CuratorFrameworkFactory.newClient("127.0.0.1:" + address.getPort(), new RetryOneTime(1))) {
            nobody.start();
            for (String path : List.of("/mine", "/zookeeper/mine", "/zookeeper/quota/mine", "/zookeeper/config/mine", "/weft/mine")) {
                assertThrows(KeeperException.NoAuthException.class, () -> nobody.create().forPath(path), path);
            }
        }
    }

    @Test
    void shouldLetWorkersOnlyReadWhatManagersWrite() {
        assertTrue(client().read("/cluster").isPresent());
        assertThrows(WeftException.TokenRefused.class, () -> client().commit(new Change.Replace("/cluster", new byte[0], 0)));
        assertThrows(WeftException.TokenRefused.class, () -> client().commit(new Change.Create("/other", new byte[0])));
    }

    @Test
    void shouldSayWhichPortIsTaken() {
        WeftException.PortInUse refused = assertThrows(WeftException.PortInUse.class,
                () -> EmbeddedServer.start(directory.resolve("second"), 1, address.getAddress(), ports, ""));
        assertTrue(refused.getMessage().contains(Integer.toString(address.getPort())), refused.getMessage());
    }

    @Test
    void shouldRefuseAnAddressOfAnotherMachine() {
        InetAddress elsewhere = InetAddress.ofLiteral("192.0.2.1");
        assertThrows(WeftException.InvalidSpec.class, () -> EmbeddedServer.start(directory.resolve("second"), 1, elsewhere, ports, ""));
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
        try (EmbeddedServer second = EmbeddedServer.start(directory.resolve("second"), 1, ipv6.getAddress(), others, "");
                ZooKeeperClusterStore manager = ZooKeeperClusterStore.connect(List.of(ipv6), MANAGER, 10)) {
            manager.bootstrap(List.of(new Change.Create("/cluster", new byte[0])), List.of());
            assertTrue(manager.read("/cluster").isPresent(), second.toString());
        }
    }

    @Test
    void shouldGiveUpWhenNobodyAnswers() {
        server.close();
        WeftException.ManagerUnreachable refused = assertThrows(WeftException.ManagerUnreachable.class,
                () -> ZooKeeperClusterStore.connect(List.of(address), WORKER, 1));
        assertTrue(refused.getMessage().contains("127.0.0.1:" + address.getPort()), refused.getMessage());
    }
}
