package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.mesh.Await;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.zookeeper.EmbeddedServer;
import dev.weft.mesh.store.zookeeper.StoreLogin;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that enters its cluster again with another session, as seen from other nodes, by way of ZooKeeper. */
class NewSessionTest {

    private static final String ID = TestAuthority.id(1);
    private static final int DEPARTURES = 20;

    @TempDir
    private Path directory;

    @Test
    void shouldNeverBeOutOfAnothersView() {
        InetAddress address = InetAddress.ofLiteral("127.0.0.1");
        ControlPorts ports = FreePort.control();
        NodeRecord node = new NodeRecord(ID, "one", NodeRole.MANAGER, address, address, DataPathKind.SOCKET, ports, false);
        TestAuthority authority = new TestAuthority(directory.resolve("keys"));
        StoreLogin login = authority.login(ID, NodeRole.MANAGER);
        List<InetSocketAddress> servers = List.of(new InetSocketAddress(address, ports.store()));
        try (EmbeddedServer server = EmbeddedServer.start(directory, 1, address, ports, "", authority.credentials(ID, NodeRole.MANAGER));
                ZooKeeperClusterStore first = ZooKeeperClusterStore.connect(servers, login, 60);
                ZooKeeperClusterStore second = ZooKeeperClusterStore.connect(servers, login, 60);
                ZooKeeperClusterStore other = ZooKeeperClusterStore.connect(servers, login, 60)) {
            List<Change.Create> roots = new ArrayList<>(Layout.ofManagers(new ClusterRecord("test")));
            roots.addAll(Layout.ofMembers());
            first.bootstrap(roots);
            assertNeverOut(node, List.of(membership(first), membership(second)), other);
            assertTrue(server.leads());
        }
    }

    private static Membership membership(ClusterStore store) {
        return new Registries(store, new Random(1)).membership();
    }

    private static void assertNeverOut(NodeRecord node, List<Membership> sessions, ClusterStore other) {
        sessions.getFirst().register(node);
        Set<Set<String>> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger departures = new AtomicInteger();
        ClusterWatch[] watch = new ClusterWatch[1];
        try (ClusterWatch opened = new ClusterWatch(other, new SystemScheduler().worker("watch"), () -> {
            if (watch[0] != null) {
                seen.add(watch[0].view().live());
            }
        }); var raw = other.watch(Layout.LIVE, (path, data) -> departures.addAndGet(data == null ? 1 : 0))) {
            watch[0] = opened;
            AtomicInteger round = new AtomicInteger();
            Await.until("news of departures", () -> {
                sessions.get(round.incrementAndGet() % sessions.size()).register(node);
                return departures.get() >= DEPARTURES;
            });
            other.commit(new Change.Create(Layout.LIVE + "/last", new byte[0]));
            Await.until("all news", () -> raw.snapshot().containsKey(Layout.LIVE + "/last"));
        }
        assertTrue(seen.stream().allMatch(live -> live.contains(ID)), seen.toString());
    }
}
