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

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
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
