package dev.weft.mesh.store.zookeeper;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.store.Change;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.jute.Record;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.proto.RequestHeader;

/** Alice and Bob, members of a cluster of one manager with network blue; each with a connection to its store. */
final class TwoWorkers implements AutoCloseable {

    static final String MANAGER = TestAuthority.id(1);
    static final String ALICE = TestAuthority.id(2);
    static final String BOB = TestAuthority.id(3);
    static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    final NodeCredentials credentials;
    final EmbeddedServer server;
    final ZooKeeperClusterStore manager;
    final ZooKeeperClusterStore alice;
    final ZooKeeperClusterStore bob;
    final NetworkRecord blue;
    private final ControlPorts ports = FreePort.control();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final TestAuthority authority;

    TwoWorkers(Path directory) {
        authority = new TestAuthority(directory.resolve("keys"));
        credentials = authority.credentials(MANAGER, NodeRole.MANAGER);
        server = EmbeddedServer.start(directory.resolve("store"), 1, HERE, ports, "", credentials);
        manager = connect(MANAGER, NodeRole.MANAGER);
        List<Change.Create> entries = new ArrayList<>(Layout.ofManagers(new ClusterRecord(TestAuthority.CLUSTER)));
        entries.add(new Change.Create(Layout.AUTHORITY, new byte[0]));
        entries.add(new Change.Create(Layout.SECRETS, new byte[0]));
        entries.addAll(Layout.ofMembers());
        manager.bootstrap(entries);
        manager.commit(Layout.membership(new MemberRecord(MANAGER, "m", NodeRole.MANAGER)));
        registries(manager).membership().admit(new MemberRecord(ALICE, "alice", NodeRole.WORKER));
        registries(manager).membership().admit(new MemberRecord(BOB, "bob", NodeRole.WORKER));
        blue = registries(manager).networks().create(NetworkSpec.named("blue").subnet("10.0.1.0/24").build(), 1450, List.of());
        alice = connect(ALICE, NodeRole.WORKER);
        bob = connect(BOB, NodeRole.WORKER);
        registries(alice).membership().register(node(ALICE, "alice"));
        registries(bob).membership().register(node(BOB, "bob"));
    }

    ZooKeeperClusterStore connect(String id, NodeRole role) {
        ZooKeeperClusterStore store = ZooKeeperClusterStore.connect(List.of(new InetSocketAddress(HERE, ports.store())), authority.login(id, role),
                10);
        open.add(store);
        return store;
    }

    static Registries registries(ZooKeeperClusterStore store) {
        return new Registries(store, new Random(1));
    }

    static NodeRecord node(String id, String name) {
        return new NodeRecord(id, name, NodeRole.WORKER, HERE, HERE, DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
    }

    EndpointRecord attached(ZooKeeperClusterStore store, String id, String name) {
        return registries(store).endpoints().create(blue, EndpointSpec.inProcess(name).build(), node(id, name));
    }

    /** ZooKeeper's own client, with what our store does not let one say. */
    static final class Raw extends ZooKeeper {

        private Raw(String address, Watcher watcher, ZKClientConfig config) throws IOException {
            super(address, 6_000, watcher, config);
        }

        private Raw(String address, Watcher watcher, long session, byte[] password, ZKClientConfig config) throws IOException {
            super(address, 6_000, watcher, session, password, false, hosts(address), config);
        }

        private static HostProvider hosts(String address) {
            return new StaticHostProvider(new ConnectStringParser(address).getServerAddresses());
        }

        /** A request of any type. */
        void send(int type, Record request) throws InterruptedException, KeeperException {
            RequestHeader header = new RequestHeader();
            header.setType(type);
            KeeperException.Code code = KeeperException.Code.get(cnxn.submitRequest(header, request, null, null).getErr());
            if (code != KeeperException.Code.OK) {
                throw KeeperException.create(code);
            }
        }
    }

    /** Connected, with a new session. */
    Raw raw(String id, NodeRole role) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        Raw client = new Raw("127.0.0.1:" + ports.store(), event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        }, authority.login(id, role).configuration());
        open.add(client);
        assertTrue(connected.await(60, TimeUnit.SECONDS));
        return client;
    }

    /** One that wants to take up a session. */
    Raw raw(String id, NodeRole role, long session, byte[] password) throws Exception {
        Raw client = new Raw("127.0.0.1:" + ports.store(), event -> { }, session, password, authority.login(id, role).configuration());
        open.add(client);
        return client;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        server.close();
    }
}
