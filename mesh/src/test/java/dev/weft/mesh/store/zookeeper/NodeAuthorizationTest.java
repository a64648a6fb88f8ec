package dev.weft.mesh.store.zookeeper;

import static dev.weft.mesh.store.zookeeper.TwoWorkers.ALICE;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.BOB;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.HERE;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.MANAGER;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.node;
import static dev.weft.mesh.store.zookeeper.TwoWorkers.registries;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.Await;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.ensemble.Ensemble;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.store.Access;
import dev.weft.mesh.store.Change;
import dev.weft.testing.FreePort;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What two workers may do to the store of a manager, and to each other. What they may say is {@link LyingWorkerTest}'s. */
class NodeAuthorizationTest {

    @TempDir
    private Path directory;
    private TwoWorkers cluster;
    private ZooKeeperClusterStore manager;
    private ZooKeeperClusterStore alice;
    private ZooKeeperClusterStore bob;
    private NetworkRecord blue;

    @BeforeEach
    void startCluster() {
        cluster = new TwoWorkers(directory);
        manager = cluster.manager;
        alice = cluster.alice;
        bob = cluster.bob;
        blue = cluster.blue;
    }

    @AfterEach
    void stopCluster() throws Exception {
        cluster.close();
    }

    private static void assertRefused(ZooKeeperClusterStore store, Change... changes) {
        assertThrows(WeftException.ManagerRequired.class, () -> store.commit(changes), List.of(changes).toString());
    }

    @Test
    void shouldLetAWorkerAttachAndDetachAndGo() {
        EndpointRecord web = cluster.attached(alice, ALICE, "web");
        assertEquals(List.of(web), registries(bob).endpoints().of(blue));
        HealthStatus sick = new HealthStatus(Health.UNHEALTHY, "disk full");
        registries(alice).endpoints().setHealth(web, sick);
        assertEquals(List.of(web.withHealth(sick)), registries(bob).endpoints().of(blue));
        assertThrows(RuntimeException.class, () -> registries(bob).endpoints().setHealth(web, HealthStatus.NONE));
        assertEquals(List.of(web.withHealth(sick)), registries(bob).endpoints().of(blue));
        registries(alice).endpoints().remove(web);
        assertEquals(List.of(), registries(bob).endpoints().of(blue));
        registries(alice).membership().forget(ALICE, "alice");
        assertEquals(List.of("bob"), registries(manager).membership().nodes().stream().map(NodeRecord::name).toList());
        assertTrue(registries(manager).membership().member(ALICE).isEmpty());
        assertRefused(alice, new Change.Create("/weft/nodes/" + ALICE, new byte[0]));
    }

    @Test
    void shouldRefuseAWorkerWhatIsAManagers() {
        byte[] nothing = {};
        assertThrows(WeftException.ManagerRequired.class,
                () -> registries(alice).networks().create(NetworkSpec.named("red").build(), 1450, List.of()));
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).networks().remove(blue));
        assertThrows(WeftException.ManagerRequired.class,
                () -> registries(alice).membership().admit(new MemberRecord(TestAuthority.id(9), "eve", NodeRole.MANAGER)));
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).membership().changeRole(ALICE, NodeRole.MANAGER));
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).servers().allot());
        assertThrows(WeftException.ManagerRequired.class, () -> alice.read(Layout.SECRETS));
        for (String path : List.of("/weft", "/weft/cluster", Layout.AUTHORITY, Layout.SECRETS, Layout.MEMBERS, "/weft/networks",
                "/weft/networks/blue",
                "/weft/networks/blue/services", "/weft/networks/blue/endpoints", "/weft/claims/blue/names", "/weft/live", "/", "/zookeeper/quota")) {
            assertRefused(alice, new Change.Replace(path, nothing, Change.ANY_VERSION));
        }
        for (String path : List.of("/mine", "/weft/mine", "/weft/members/" + TestAuthority.id(9), "/weft/networks/mine", "/weft/networks/blue/mine",
                "/weft/networks/blue/services/mine", "/weft/vnis/9", "/weft/claims/mine", "/zookeeper/mine", "/zookeeper/quota/mine")) {
            assertRefused(alice, new Change.Create(path, nothing));
        }
        assertThrows(WeftException.ManagerRequired.class, () -> alice.change(alice.configuration().version(),
                Ensemble.of(List.of(1), List.of(2)), List.of(new ServerRecord(2, ALICE, HERE, FreePort.control(), true))));
    }

    @Test
    void shouldRefuseAWorkerWhatIsAnotherNodes() {
        EndpointRecord web = cluster.attached(bob, BOB, "web");
        byte[] nothing = {};
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).endpoints().remove(web));
        assertThrows(WeftException.ManagerRequired.class, () -> registries(alice).membership().forget(BOB, "bob"));
        String address = web.addresses().getFirst().getHostAddress();
        for (String path : List.of("/weft/nodes/" + BOB, "/weft/live/" + BOB, "/weft/node-names/bob", "/weft/members/" + BOB,
                "/weft/attached/" + BOB + "/blue~web", "/weft/networks/blue/endpoints/web", "/weft/claims/blue/names/web",
                "/weft/claims/blue/addresses/" + address, "/weft/claims/blue/macs/" + web.mac())) {
            assertRefused(alice, new Change.Delete(path));
            assertRefused(alice, new Change.Replace(path, nothing, Change.ANY_VERSION));
        }
        for (String path : List.of("/weft/attached/" + BOB + "/blue~mine", "/weft/nodes/" + TestAuthority.id(9), "/weft/live/" + TestAuthority.id(9),
                "/weft/attached/" + TestAuthority.id(9), "/weft/certificates/" + BOB, "/weft/certificates/x" + ALICE)) {
            assertRefused(alice, new Change.Create(path, nothing));
        }
        assertEquals(List.of(web), registries(manager).endpoints().of(blue));
        registries(manager).endpoints().remove(web);
    }

    /** What a worker writes into its own record gives it neither a role nor what is meant for another. */
    @Test
    void shouldGainNothingByALieInItsOwnRecord() {
        NodeRecord asBob = node(ALICE, "bob").withRole(NodeRole.MANAGER);
        alice.commit(new Change.Replace(Layout.node(ALICE), RecordCodec.encode(asBob), Change.ANY_VERSION));
        Membership members = registries(manager).membership();
        assertEquals(BOB, members.named("bob").id(), "who is promoted, drained or removed under that name");
        assertEquals(ALICE, members.named("alice").id());
        assertEquals(List.of(NodeRole.WORKER, NodeRole.WORKER), members.nodes().stream().map(NodeRecord::role).toList());
        assertRefused(alice, new Change.Create("/weft/vnis/9", new byte[0]));

        alice.commit(new Change.Replace(Layout.node(ALICE), RecordCodec.encode(node(BOB, "bob")), Change.ANY_VERSION));
        assertEquals(List.of(BOB), members.nodes().stream().map(NodeRecord::id).toList(), "a record that is another's");
    }

    /** A manager that admits a new node removes the dead one that had its name. */
    @Test
    void shouldNotHaveAnotherNodeRemovedByAClaimInItsName() {
        Change.Create claim = new Change.Create("/weft/node-names/carol", BOB.getBytes(StandardCharsets.UTF_8));
        assertRefused(alice, claim);
        manager.commit(claim); // as if it had got there all the same
        registries(bob).membership().withdraw(BOB);
        Membership members = registries(manager).membership();
        assertThrows(WeftException.NameTaken.class, () -> members.admit(new MemberRecord(TestAuthority.id(9), "carol", NodeRole.WORKER)));
        assertTrue(members.member(BOB).isPresent());
        assertEquals(BOB, members.named("bob").id());
    }

    @Test
    void shouldRefuseEntriesThatOthersCouldChange() throws Exception {
        ZooKeeper client = cluster.raw(ALICE, NodeRole.WORKER);
        byte[] own = ALICE.getBytes(StandardCharsets.UTF_8);
        client.delete("/weft/node-names/alice", -1);
        assertThrows(KeeperException.NoAuthException.class,
                () -> client.create("/weft/node-names/alice", own, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        assertThrows(KeeperException.NoAuthException.class,
                () -> client.create("/weft/node-names/alice", own, Acls.of(Access.OWNED, BOB), CreateMode.PERSISTENT));
        client.create("/weft/node-names/alice", own, Acls.of(Access.OWNED, ALICE), CreateMode.PERSISTENT);
        assertThrows(KeeperException.NoAuthException.class, () -> client.setACL("/weft/node-names/alice", Ids.OPEN_ACL_UNSAFE, -1));
        assertThrows(KeeperException.class, () -> {
            client.addAuthInfo(Acls.SCHEME, MANAGER.getBytes(StandardCharsets.UTF_8));
            client.getData(Layout.SECRETS, false, null);
        }, "saying who one is does not make it so");
    }

    /** ZooKeeper makes a session's password from its number: the first numbers of Random(number ^ 0xB3415C00). */
    @Test
    void shouldNotLetAWorkerTakeOverAnothersSession() throws Exception {
        Stat stat = cluster.raw(ALICE, NodeRole.WORKER).exists("/weft/live/" + BOB, false);
        long session = stat.getEphemeralOwner();
        byte[] password = new byte[16];
        new Random(session ^ 0xB3415C00L).nextBytes(password);

        ZooKeeper thief = cluster.raw(ALICE, NodeRole.WORKER, session, password);
        Await.until("it was refused", () -> cluster.credentials.refusals().count(ControlPort.STORE, Refusal.FOREIGN_SESSION) > 0);
        thief.close(1);

        assertTrue(bob.holds("/weft/live/" + BOB));
        ZooKeeper own = cluster.raw(BOB, NodeRole.WORKER, session, password);
        Await.until("its own node can", () -> own.getState().isConnected());
    }

    @Test
    void shouldShutOutARemovedNodeAtOnce() {
        cluster.attached(alice, ALICE, "web");
        Change own = new Change.Create("/weft/node-names/alice", ALICE.getBytes(StandardCharsets.UTF_8));
        alice.commit(new Change.Delete(own.path()));
        alice.commit(own);
        registries(manager).membership().forget(ALICE, "alice");

        assertThrows(WeftException.ManagerRequired.class, () -> alice.read("/weft/cluster"), "on the open connection");
        assertRefused(alice, own);
        cluster.server.closeConnections((node, role) -> node.equals(ALICE));
        assertThrows(WeftException.ManagerUnreachable.class, () -> alice.read("/weft/cluster"));
        assertTrue(cluster.credentials.refusals().count(ControlPort.STORE, Refusal.REVOKED) > 0);
        assertThrows(WeftException.ManagerUnreachable.class, () -> cluster.connect(ALICE, NodeRole.WORKER));
        assertFalse(registries(bob).membership().live().contains(ALICE));
    }
}
