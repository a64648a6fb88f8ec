package dev.weft.mesh.store.zookeeper;

import static dev.weft.mesh.store.zookeeper.TwoWorkers.ALICE;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.BOB;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.MANAGER;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.node;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.registries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.store.Access;
import dev.weft.mesh.store.Change;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.DeleteContainerRequest;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alice writes what is not so into entries of her own; Bob, and whoever looks at Bob's endpoint, sees nothing of it. */
class LyingWorkerTest {

    @TempDir
    private Path directory;
    private TwoWorkers cluster;
    private ZooKeeperClusterStore alice;
    private EndpointRecord web;
    private EndpointRecord eve;

    @BeforeEach
    void startCluster() {
        cluster = new TwoWorkers(directory);
        alice = cluster.alice;
        web = cluster.attached(cluster.bob, BOB, "web");
        eve = cluster.attached(alice, ALICE, "eve");
    }

    @AfterEach
    void stopCluster() throws Exception {
        cluster.close();
    }

    private static EndpointRecord with(String name, EndpointRecord mac, EndpointRecord addresses) {
        return new EndpointRecord("blue", name, ALICE, mac.mac(), addresses.addresses(), List.of(), addresses.attachment());
    }

    private long refused() {
        return cluster.credentials.refusals().count(ControlPort.STORE, Refusal.FALSE_ENTRY);
    }

    private void assertRefused(Change... changes) {
        long before = refused();
        assertThrows(WeftException.ManagerRequired.class, () -> alice.commit(changes), List.of(changes).toString());
        assertEquals(before + 1, refused());
    }

    private void assertNothingHasChanged() {
        assertEquals(List.of(eve, web), registries(cluster.bob).endpoints().of(cluster.blue));
        assertEquals(List.of(web), registries(cluster.manager).endpoints().at(BOB));
    }

    @Test
    void shouldHaveNoAddressOrMacOfAnother() {
        String path = "/weft/networks/blue/endpoints/";
        assertRefused(new Change.Replace(path + "eve", RecordCodec.encode(with("eve", eve, web)), Change.ANY_VERSION));
        assertRefused(new Change.Replace(path + "eve", RecordCodec.encode(with("eve", web, eve)), Change.ANY_VERSION));
        byte[] claim = "endpoint 'fake'".getBytes(StandardCharsets.UTF_8);
        Change.Create name = new Change.Create("/weft/claims/blue/names/fake", claim);
        Change.Create mac = new Change.Create("/weft/claims/blue/macs/02:42:0a:00:01:4d", claim);
        assertRefused(name, mac, new Change.Create(path + "fake", RecordCodec.encode(with("fake", web, web))));
        assertEquals(List.of(), cluster.manager.children("/weft/claims/blue/names").stream().filter("fake"::equals).toList(), "all or nothing");

        String own = "/weft/claims/blue/addresses/" + eve.addresses().getFirst().getHostAddress();
        assertRefused(new Change.Delete(own));
        assertRefused(new Change.Delete(path + "eve"), new Change.Delete(own),
                new Change.Create(path + "eve", RecordCodec.encode(eve)));
        assertRefused(new Change.Create(own + "/x", new byte[0]));
        assertNothingHasChanged();

        registries(alice).endpoints().remove(eve);
        assertEquals(eve, cluster.attached(alice, ALICE, "eve"), "the truth is as good as before");
        assertNothingHasChanged();
    }

    /** All that a node has claimed is given back when it is removed, so it claims nothing that would not be found then. */
    @Test
    void shouldKeepNoAddressWhenItIsRemoved() {
        String claims = "/weft/claims/blue/";
        byte[] claim = "endpoint 'fake'".getBytes(StandardCharsets.UTF_8);
        assertRefused(new Change.Create(claims + "addresses/10.0.1.77", claim));
        assertRefused(new Change.Create(claims + "macs/02:42:0a:00:01:4d", "endpoint 'eve'".getBytes(StandardCharsets.UTF_8)));
        assertRefused(new Change.Create("/weft/node-names/carol", ALICE.getBytes(StandardCharsets.UTF_8)));
        assertRefused(new Change.Delete("/weft/attached/" + ALICE + "/blue~eve"));
        assertRefused(new Change.Delete("/weft/networks/blue/endpoints/eve"), new Change.Delete("/weft/attached/" + ALICE + "/blue~eve"));
        assertNothingHasChanged();

        registries(cluster.manager).membership().forget(ALICE, "alice");
        for (String each : List.of("names", "addresses", "macs")) {
            assertEquals(1, cluster.manager.children(claims + each).size(), each + " of web alone");
        }
        assertEquals(eve.addresses(), cluster.attached(cluster.bob, BOB, "next").addresses(), "the lowest that is free");
    }

    /** A port that is another's, one that nobody has looked at, and one that would stay when its endpoint is gone. */
    @Test
    void shouldNeitherPublishNorLeavePortsBehind() {
        Registries managers = registries(cluster.manager);
        managers.networks().create(NetworkSpec.named("in").ingress(true).build(), 1450, List.of());
        EndpointRecord shop = managers.endpoints().create(cluster.blue, publishing("shop", "8080:80"), node(ALICE, "alice"));
        String record = "/weft/networks/blue/endpoints/shop";
        String publication = "/weft/networks/in/services/blue~shop";
        byte[] published = cluster.manager.read(publication).orElseThrow().data();

        assertRefused(new Change.Delete(record));
        assertRefused(new Change.Replace(record, RecordCodec.encode(with("shop", shop, shop)), Change.ANY_VERSION));
        EndpointRecord port = new EndpointRecord("blue", "port", ALICE, MacAddress.parse("02:42:0a:00:01:4d"),
                List.of(Cidr.parseAddress("10.0.1.77")),
                List.of(), shop.attachment(), shop.health(), shop.check(), shop.publication(), shop.labels());
        byte[] claim = "endpoint 'port'".getBytes(StandardCharsets.UTF_8);
        assertRefused(new Change.Create("/weft/claims/blue/names/port", claim), new Change.Create("/weft/claims/blue/addresses/10.0.1.77", claim),
                new Change.Create("/weft/claims/blue/macs/" + port.mac(), claim),
                new Change.Create("/weft/networks/blue/endpoints/port", RecordCodec.encode(port)));
        for (Change change : List.of(new Change.Delete(publication), new Change.Replace(publication, published, Change.ANY_VERSION),
                new Change.Create("/weft/networks/in/services/blue~port", published), new Change.Delete("/weft/claims/in/names/blue~shop"),
                new Change.Replace(Layout.INGRESS, "in".getBytes(StandardCharsets.UTF_8), Change.ANY_VERSION))) {
            assertThrows(WeftException.ManagerRequired.class, () -> alice.commit(change), change.path());
        }
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).endpoints().remove(shop));
        assertThrows(WeftException.ManagerRequired.class,
                () -> registries(alice).endpoints().create(cluster.blue, publishing("port", "8090:80"), node(ALICE, "alice")));

        registries(alice).endpoints().setHealth(shop, new HealthStatus(Health.UNHEALTHY, "that is for her to say"));
        assertThrows(WeftException.ManagerRequired.class, () -> cluster.bob.commit(new Change.Delete(record)), "it is hers, whoever made it");
        managers.endpoints().remove(shop);
        assertEquals(List.of(), cluster.manager.children("/weft/networks/in/services"));
        assertNothingHasChanged();
    }

    private static EndpointSpec publishing(String name, String port) {
        return EndpointSpec.networkNamespace(name, "ns", "eth0").publish(port).build();
    }

    @Test
    void shouldBeToldOfOnceByTheNameThatManagersGaveIt() {
        assertRefused(new Change.Replace("/weft/networks/blue/endpoints/eve", RecordCodec.encode(with("eve", eve, web)), Change.ANY_VERSION));
        assertFalse(cluster.credentials.refusals().countNode(ControlPort.STORE, Refusal.FALSE_ENTRY, "alice", ""), "she has been told of");
        assertTrue(cluster.credentials.refusals().countNode(ControlPort.STORE, Refusal.FALSE_ENTRY, "bob", ""));
    }

    @Test
    void shouldStayDrained() {
        registries(cluster.manager).membership().change(ALICE, before -> before.withDrained(true));
        assertRefused(new Change.Replace(Layout.node(ALICE), RecordCodec.encode(node(ALICE, "alice")), Change.ANY_VERSION));
        registries(alice).membership().register(node(ALICE, "alice"));
        assertTrue(registries(cluster.manager).membership().named("alice").drained());
        registries(cluster.manager).membership().change(ALICE, before -> before.withDrained(false));
        assertEquals(List.of("alice", "bob"), registries(cluster.bob).membership().nodes().stream().map(NodeRecord::name).sorted().toList());
    }

    /** Entries that go by themselves would let go of an address that a record still speaks of. */
    @Test
    void shouldMakeNoEntryThatGoesByItself() throws Exception {
        TwoWorkers.Raw client = cluster.raw(ALICE, NodeRole.WORKER);
        for (CreateMode mode : List.of(CreateMode.EPHEMERAL, CreateMode.PERSISTENT_SEQUENTIAL, CreateMode.CONTAINER)) {
            assertThrows(KeeperException.NoAuthException.class,
                    () -> client.create("/weft/claims/blue/names/x", new byte[0], Acls.of(Access.OWNED, ALICE), mode), mode.toString());
        }
        assertThrows(KeeperException.NoAuthException.class,
                () -> client.create("/weft/live/" + ALICE + "~", new byte[0], Acls.of(Access.OWNED, ALICE), CreateMode.PERSISTENT));
        assertEquals(4, refused());
        assertNotNull(client.exists("/weft/cluster", false), "the session goes on");
    }

    /** By the request with which a server removes containers: ZooKeeper takes it from clients, for any entry, and asks no ACL. */
    @Test
    void shouldRemoveNothingByAServersRequest() throws Exception {
        TwoWorkers.Raw client = cluster.raw(ALICE, NodeRole.WORKER);
        String address = "/weft/claims/blue/addresses/" + web.addresses().getFirst().getHostAddress();
        for (String path : List.of(address, "/weft/networks/blue/endpoints/web", Layout.member(BOB), Layout.member(MANAGER), Layout.SECRETS)) {
            assertThrows(KeeperException.NoAuthException.class, () -> client.send(OpCode.deleteContainer, new DeleteContainerRequest(path)), path);
            assertTrue(cluster.manager.read(path).isPresent(), path);
        }
        assertEquals(5, refused());
        assertNothingHasChanged();
    }
}
