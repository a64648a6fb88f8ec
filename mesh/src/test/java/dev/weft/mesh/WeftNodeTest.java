package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeInfo;
import dev.weft.api.Publication;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.Service;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.store.Change;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeftNodeTest {

    @TempDir
    private Path directory;
    private MemoryNodes nodes;
    private WeftNode one;
    private WeftNode two;

    @BeforeEach
    void startNodes() {
        nodes = new MemoryNodes(directory);
        one = nodes.start("one");
        two = nodes.start("two");
    }

    @AfterEach
    void closeNodes() {
        nodes.close();
    }

    private static Endpoint attach(WeftNode node, String network, String name) {
        return node.network(network).attach(EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").build());
    }

    private List<String> locals(String node) {
        return nodes.path(node).last().networks().stream().flatMap(network -> network.locals().stream()).map(local -> local.id().name()).toList();
    }

    private List<String> remotes(String node) {
        return nodes.path(node).last().networks().stream().flatMap(network -> network.remotes().stream()).map(remote -> remote.id().name()).toList();
    }

    @Test
    void shouldKnowTheNodes() {
        assertEquals(List.of("one", "two"), one.nodes().stream().map(NodeInfo::name).toList());
        assertTrue(two.nodes().stream().allMatch(NodeInfo::live));
        assertEquals(one.nodes().getFirst(), one.info());
    }

    @Test
    void shouldTakeTheMtuFromTheUplink() {
        assertEquals(1450, one.createNetwork(NetworkSpec.named("blue").build()).info().mtu());
        nodes.path("one").underlayMtu = 65536;
        assertEquals(NetworkSpec.MAX_MTU, one.createNetwork(NetworkSpec.named("huge").build()).info().mtu());
        assertThrows(WeftException.InvalidSpec.class, () -> attach(two, "huge", "a"));
        assertEquals(List.of(), one.network("huge").endpoints());
    }

    @Test
    void shouldCarryAnEndpointWhenAttachReturnsAndTellTheOthers() {
        OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        EndpointInfo info = attach(one, "blue", "a").info();

        assertEquals(List.of("a"), locals("one"));
        assertEquals(new EndpointInfo("blue", "a", "one", info.mac(), List.of(Cidr.parseAddress("10.0.1.2")), List.of(),
                Cidr.parseAddress("192.0.2.1"), new Attachment.NetworkNamespace("ns-a", "eth0"), HealthStatus.NONE,
                Publication.NONE), info);
        attach(two, "blue", "b");
        assertEquals(List.of("a"), remotes("two"));
        Await.until("one hears of b", () -> remotes("one").equals(List.of("b")));
        assertEquals(List.of("a", "b"), blue.endpoints().stream().map(EndpointInfo::name).toList());
        assertEquals(List.of("a"), blue.localEndpoints().stream().map(endpoint -> endpoint.info().name()).toList());
    }

    @Test
    void shouldHearOnlyOfNetworksThatItIsPartOf() {
        one.createNetwork(NetworkSpec.named("blue").build());
        one.createNetwork(NetworkSpec.named("red").build());
        attach(one, "blue", "a");
        attach(one, "red", "b");
        Endpoint c = attach(two, "red", "c");
        assertEquals(List.of("red"), nodes.path("two").last().networks().stream().map(NetworkState::name).toList());
        c.close();
        assertEquals(List.of(), nodes.path("two").last().networks());
        c.close();
        assertEquals(List.of("b"), one.network("red").endpoints().stream().map(EndpointInfo::name).toList());
    }

    @Test
    void shouldLeaveNothingBehindWhenTheDataPathCannotCarryAnEndpoint() {
        one.createNetwork(NetworkSpec.named("blue").build());
        attach(one, "blue", "a");
        String before = nodes.cluster.toString();
        nodes.path("one").failing.put("bad", new WeftException.NotFound("no namespace 'ns-bad'"));

        WeftException refused = assertThrows(WeftException.NotFound.class, () -> attach(one, "blue", "bad"));

        assertEquals("no namespace 'ns-bad'", refused.getMessage());
        assertEquals(before, nodes.cluster.toString());
        assertEquals(List.of("a"), locals("one"));
        assertThrows(WeftException.NotFound.class, () -> one.network("blue").detach("bad"));
        nodes.path("one").failing.clear();
        assertEquals("bad", attach(one, "blue", "bad").info().name());
    }

    @Test
    void shouldRefuseASecondEndpointOfTheNameAndKeepTheFirst() {
        one.createNetwork(NetworkSpec.named("blue").build());
        attach(one, "blue", "a");
        assertThrows(WeftException.NameTaken.class, () -> attach(one, "blue", "a"));
        assertThrows(WeftException.NameTaken.class, () -> attach(two, "blue", "a"));
        assertEquals(List.of("a"), locals("one"));
        one.network("blue").detach("a");
        assertEquals(List.of(), nodes.path("one").last().networks());
    }

    @Test
    void shouldSendToAMemberBehindAForeignVtep() {
        OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        EndpointSpec.Builder box = EndpointSpec.external("box", Cidr.parseAddress("198.51.100.1"), MacAddress.parse("06:00:00:00:00:01"));
        blue.attach(box.address("10.0.1.9").build());
        assertEquals(List.of(), nodes.path("one").last().networks(), "nothing to carry yet");
        attach(two, "blue", "a");
        assertEquals(List.of("box"), remotes("two"));
        attach(one, "blue", "b");
        blue.detach("box");
        Await.until("two forgets the box", () -> remotes("two").equals(List.of("b")));

        EndpointSpec wrong = EndpointSpec.external("box", Cidr.parseAddress("192.0.2.2"), MacAddress.parse("06:00:00:00:00:01"))
                .address("10.0.1.9").build();
        assertTrue(assertThrows(WeftException.InvalidSpec.class, () -> blue.attach(wrong)).getMessage().contains("'two'"));
    }

    @Test
    void shouldServeFromBackendsThatAreAttached() {
        one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        Service web = one.network("blue").publish(ServiceSpec.vip("web", "w1", "w2"));
        attach(one, "blue", "client");
        Endpoint w1 = attach(two, "blue", "w1");
        attach(two, "blue", "w2");
        Await.until("both serve", () -> backends("one").equals(List.of("10.0.1.4", "10.0.1.5")));
        assertEquals(List.of("w1", "w2"), web.info().serving());
        w1.close();
        Await.until("one serves", () -> backends("one").equals(List.of("10.0.1.5")));
        assertEquals(List.of("w2"), one.network("blue").service("web").info().serving());
        attach(one, "blue", "w1");
        Await.until("both serve", () -> backends("one").size() == 2);
        one.drain("two");
        Await.until("the drained node's does not", () -> backends("one").equals(List.of("10.0.1.4")) && backends("two").equals(List.of("10.0.1.4")));
        assertEquals(List.of("w1"), web.info().serving());
        assertEquals(List.of("w2"), remotes("one"), "but it is still reached");
        one.activate("two");
        Await.until("both serve again", () -> backends("one").size() == 2);
        web.close();
        web.close();
        Await.until("none is there", () -> nodes.path("one").last().networks().getFirst().services().isEmpty());
        assertThrows(WeftException.NotFound.class, () -> one.network("blue").service("web"));
    }

    private List<String> backends(String node) {
        return nodes.path(node).last().networks().getFirst().services().stream().flatMap(service -> service.backends().stream())
                .map(InetAddress::getHostAddress).toList();
    }

    @Test
    void shouldBringBackItsEndpointsAfterARestartButNotThoseInProcess() {
        one.createNetwork(NetworkSpec.named("blue").build());
        EndpointInfo before = attach(two, "blue", "ns").info();
        two.network("blue").attach(EndpointSpec.inProcess("jvm").build());
        attach(one, "blue", "a");
        two.close();
        assertFalse(nodes.path("two").open);
        Await.until("one forgets two's endpoints", () -> remotes("one").isEmpty());
        RecordingDataPath path = nodes.path("two");
        path.applied.clear();

        WeftNode again = nodes.start("two");

        assertEquals(List.of("ns"), path.applied.getFirst().networks().getFirst().locals().stream().map(local -> local.id().name()).toList(),
                "already the first state has it: what a killed process left is not torn down");
        assertEquals(List.of(before), again.network("blue").localEndpoints().stream().map(Endpoint::info).toList());
        Await.until("one hears of it again", () -> remotes("one").equals(List.of("ns")));
        again.network("blue").localEndpoints().getFirst().close();
        assertEquals(List.of(), path.last().networks());
    }

    @Test
    void shouldRefuseCallsOnWhatIsClosed() {
        OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").build());
        Endpoint jvm = blue.attach(EndpointSpec.inProcess("jvm").build());
        one.close();
        one.close();
        assertThrows(WeftException.NodeClosed.class, one::nodes);
        assertThrows(WeftException.NodeClosed.class, blue::endpoints);
        assertThrows(WeftException.NodeClosed.class, jvm::frames);
        assertThrows(WeftException.NodeClosed.class, one::leave);
        assertFalse(one.info().live());
        jvm.close();
    }

    @Test
    void shouldLeaveWithoutATrace() {
        one.createNetwork(NetworkSpec.named("blue").build());
        String before = nodes.cluster.toString();
        WeftNode three = nodes.start("three");
        attach(three, "blue", "a");

        three.leave();

        assertEquals(before, nodes.cluster.toString());
        assertFalse(nodes.path("three").open);
        assertFalse(Files.exists(directory.resolve("three/node.json")));
        assertFalse(Files.exists(directory.resolve("three/secret")));
    }

    @Test
    void shouldNotLetTheStoreLeaveBeforeTheOthers() {
        String message = assertThrows(WeftException.InUse.class, one::leave).getMessage();
        assertTrue(message.contains("two"), message);
        assertEquals(DataPathState.EMPTY.networks(), nodes.path("one").last().networks());
        assertTrue(nodes.path("one").open);
        two.leave();
        one.leave();
        assertFalse(Files.exists(directory.resolve("one/node.json")));
    }

    @Test
    void shouldResolveNamesAsTheyAreAtTheMoment() {
        OverlayNetwork blue = one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        Endpoint a = blue.attach(EndpointSpec.networkNamespace("a", "ns-a", "eth0").alias("shop").build());
        attach(two, "blue", "b");
        blue.publish(ServiceSpec.vip("web", "a", "b"));
        blue.publish(ServiceSpec.dnsrr("pool", "a", "b"));
        InetAddress first = a.info().addresses().getFirst();

        for (String name : List.of("a", "A.blue", "shop")) {
            assertEquals(List.of(first), blue.resolve(name), name);
            assertEquals(List.of(first), two.network("blue").resolve(name), name);
        }
        assertEquals(blue.service("web").info().vips(), blue.resolve("web"));
        assertEquals(List.of(), blue.service("pool").info().vips());
        List<InetAddress> pool = blue.resolve("pool");
        assertEquals(2, pool.size());
        assertEquals(pool.reversed(), blue.resolve("pool"));
        a.close();
        assertEquals(List.of(), blue.resolve("a"));
        assertEquals(1, blue.resolve("pool").size());
    }

    /** Another node may make records, with any node's name in them. */
    @Test
    void shouldCarryNothingThatAnotherNodeSaysIsHere() {
        one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        attach(two, "blue", "b");
        attach(one, "blue", "a");
        EndpointRecord forged = new EndpointRecord("blue", "evil", two.info().id(), MacAddress.parse("02:00:00:00:00:09"),
                List.of(Cidr.parseAddress("10.0.1.9")), List.of(), new Attachment.NetworkNamespace("ns-evil", "eth0"));
        nodes.cluster.connect().commit(new Change.Create("/weft/networks/blue/endpoints/evil", RecordCodec.encode(forged)));

        Await.until("the others take it for two's", () -> remotes("one").contains("evil"));
        attach(two, "blue", "c");
        assertEquals(List.of("b", "c"), locals("two"));
        assertEquals(List.of("a"), remotes("two"));
    }
}
