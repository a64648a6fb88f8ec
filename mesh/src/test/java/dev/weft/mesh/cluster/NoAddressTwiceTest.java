package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Cidr;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.zookeeper.EmbeddedServer;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import dev.weft.testing.FreePort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight clients of a real ZooKeeper attach at once until a /26 is full. */
class NoAddressTwiceTest {

    private static final int CLIENTS = 8;
    /** 64 less network, gateway and broadcast. */
    private static final int ROOM = 61;

    @TempDir
    private Path directory;
    private TestAuthority authority;

    @Test
    void shouldGiveEveryAddressAndMacOnce() throws Exception {
        ControlPorts ports = FreePort.control();
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", ports.store());
        authority = new TestAuthority(directory.resolve("keys"));
        String manager = TestAuthority.id(100);
        try (EmbeddedServer server = EmbeddedServer.start(directory, 1, address.getAddress(), ports, "",
                authority.credentials(manager, NodeRole.MANAGER));
                ZooKeeperClusterStore store = ZooKeeperClusterStore.connect(List.of(address), authority.login(manager, NodeRole.MANAGER), 10)) {
            store.bootstrap(Stream.of(Layout.ofManagers(new ClusterRecord("c1")), Layout.ofMembers()).flatMap(List::stream).toList());
            NetworkRecord blue = new Registries(store, new java.util.Random(1)).networks()
                    .create(NetworkSpec.named("blue").subnet("10.0.1.0/26").build(), 1450, List.of());

            List<EndpointRecord> given = attachFromAllClients(address, blue);

            assertEquals(ROOM, given.size());
            assertEquals(ROOM, given.stream().flatMap(endpoint -> endpoint.addresses().stream()).distinct().count());
            assertEquals(ROOM, given.stream().map(EndpointRecord::mac).distinct().count());
            EndpointRegistry registry = new EndpointRegistry(store, new Random());
            assertEquals(ROOM, registry.of(blue).size());
            assertThrows(WeftException.PoolExhausted.class,
                    () -> registry.create(blue, EndpointSpec.inProcess("late").build(), registered(store, CLIENTS)));
        }
    }

    private List<EndpointRecord> attachFromAllClients(InetSocketAddress address, NetworkRecord network) throws Exception {
        List<Future<List<EndpointRecord>>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(threads.submit((Callable<List<EndpointRecord>>) () -> attachUntilFull(address, network, number)));
            }
        }
        List<EndpointRecord> given = new ArrayList<>();
        for (Future<List<EndpointRecord>> client : clients) {
            given.addAll(client.get());
        }
        return given;
    }

    private List<EndpointRecord> attachUntilFull(InetSocketAddress address, NetworkRecord network, int number) {
        List<EndpointRecord> given = new ArrayList<>();
        try (ZooKeeperClusterStore store = ZooKeeperClusterStore.connect(List.of(address),
                authority.login(TestAuthority.id(number), NodeRole.WORKER), 10)) {
            NodeRecord node = registered(store, number);
            // the same seed everywhere, so that all of them draw the same MACs
            EndpointRegistry registry = new EndpointRegistry(store, new Random(1));
            while (true) {
                given.add(registry.create(network, EndpointSpec.inProcess("e" + number + "-" + given.size()).build(), node));
            }
        } catch (WeftException.PoolExhausted full) {
            return given;
        }
    }

    private static NodeRecord registered(ClusterStore store, int number) {
        InetAddress loopback = Cidr.parseAddress("127.0.0.1");
        NodeRecord node = new NodeRecord(TestAuthority.id(number), "node" + number, NodeRole.WORKER, loopback, loopback, DataPathKind.SOCKET,
                ControlPorts.DEFAULT, false);
        new Membership(store, new EndpointRegistry(store, new Random())).register(node);
        return node;
    }
}
