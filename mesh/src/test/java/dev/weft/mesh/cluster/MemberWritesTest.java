package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.ServiceSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Node TWO lies. */
class MemberWritesTest extends TwoEndpointsTest {

    private static final String LIAR = TWO.id();

    /** What the transaction has done so far; nothing: removed. */
    private final Map<String, Optional<ClusterStore.Entry>> done = new HashMap<>();
    private ServiceRecord shop;

    @BeforeEach
    void makeService() {
        shop = services.create(blue, ServiceSpec.vip("shop", "web"));
    }

    private Optional<String> objection(Change change) {
        return new MemberWrites(LIAR, path -> done.getOrDefault(path, store.read(path))).objection(change);
    }

    private void assertRefused(String reason, Change change) {
        String found = objection(change).orElse("allowed");
        assertTrue(found.contains(reason), found);
    }

    private void assertAllowed(Change change) {
        assertEquals(Optional.empty(), objection(change), change.path());
        doIt(change);
    }

    private void doIt(Change change) {
        switch (change) {
            case Change.Create create -> done.put(create.path(), Optional.of(new ClusterStore.Entry(create.data(), 0)));
            case Change.CreateEphemeral create -> done.put(create.path(), Optional.of(new ClusterStore.Entry(create.data(), 0)));
            case Change.Delete delete -> done.put(delete.path(), Optional.empty());
            default -> { }
        }
    }

    private static String addressOf(EndpointRecord endpoint) {
        return endpoint.addresses().getFirst().getHostAddress();
    }

    private EndpointRecord endpoint(String name, MacAddress mac, String... addresses) {
        return new EndpointRecord("blue", name, LIAR, mac, Stream.of(addresses).map(RegistryTest::ip).toList(), List.of(),
                new Attachment.InProcess());
    }

    private static Change.Create record(EndpointRecord endpoint) {
        return new Change.Create(RECORD + endpoint.name(), RecordCodec.encode(endpoint));
    }

    private static Change.Replace again(String name, EndpointRecord endpoint) {
        return new Change.Replace(RECORD + name, RecordCodec.encode(endpoint), Change.ANY_VERSION);
    }

    @Test
    void shouldAllowWhatANodeDoesWithItsEndpoints() {
        EndpointRecord more = endpoint("more", FREE, "10.0.1.77");
        EndpointClaims.of(more).forEach(this::assertAllowed);
        assertAllowed(record(more));
        assertAllowed(new Change.Create("/weft/attached/" + LIAR + "/blue~more", new byte[0]));
        assertAllowed(again("eve", eve.withHealth(new HealthStatus(Health.UNHEALTHY, "disk full"))));
        assertAllowed(new Change.CreateEphemeral("/weft/live/" + LIAR, new byte[0]));
        assertAllowed(new Change.Delete(RECORD + "eve"));
        EndpointClaims.of(eve).map(claim -> new Change.Delete(claim.path())).forEach(this::assertAllowed);
    }

    @Test
    void shouldNotAllowAnEndpointWhatItHasNotClaimed() {
        String vip = shop.vips().getFirst().getHostAddress();
        Map<String, EndpointRecord> lies = Map.of(
                "addresses/" + addressOf(web), endpoint("fake", FREE, addressOf(web)),
                "macs/" + web.mac(), endpoint("fake", web.mac(), "10.0.1.77"),
                "addresses/" + vip, endpoint("fake", FREE, "10.0.1.77", vip),
                "addresses/10.0.1.78", endpoint("fake", FREE, "10.0.1.77", "10.0.1.78"),
                "names/shop", endpoint("shop", FREE, "10.0.1.77"));
        lies.forEach((claim, lie) -> {
            done.clear();
            EndpointClaims.of(lie).filter(each -> !each.path().endsWith(claim)).forEach(this::assertAllowed);
            assertRefused("not claimed /weft/claims/blue/" + claim, record(lie));
        });
    }

    @Test
    void shouldNotAllowAnEndpointWhatNobodyCanHave() {
        Map<String, EndpointRecord> lies = Map.of("the gateway", endpoint("fake", FREE, "10.0.1.1"), "outside", endpoint("fake", FREE, "10.0.2.7"),
                "twice", endpoint("fake", FREE, "10.0.1.77", "10.0.1.77"),
                "gateway's", endpoint("fake", MacAddress.parse("02:57:45:00:00:01"), "10.0.1.77"));
        lies.forEach((why, lie) -> {
            EndpointClaims.of(lie).forEach(claim -> done.put(claim.path(), Optional.of(new ClusterStore.Entry(claim.data(), 0))));
            assertRefused(why, record(lie));
        });
    }

    @Test
    void shouldNotAllowARecordToSpeakOfAnother() {
        assertRefused("speaks of", new Change.Create(RECORD + "other", RecordCodec.encode(endpoint("fake", eve.mac(), "10.0.1.77"))));
        assertRefused("speaks of", record(new EndpointRecord("blue", "fake", ONE.id(), eve.mac(), eve.addresses(), List.of(), eve.attachment())));
        assertRefused("cannot be read", new Change.Create(RECORD + "fake", "{\"format\":1,\"mac\":7}".getBytes(StandardCharsets.UTF_8)));
        assertRefused("format 0", new Change.Replace("/weft/nodes/" + LIAR, new byte[0], Change.ANY_VERSION));
        assertRefused("format 0", new Change.Create("/weft/certificates/" + LIAR, new byte[0]));
    }

    /** Who writes that an endpoint publishes something has to know what others have published; and ports go when the endpoint does. */
    @Test
    void shouldLeavePublishedPortsToManagers() {
        NetworkRecord ingress = networks.create(NetworkSpec.named("in").ingress(true).build(), MTU, List.of());
        EndpointRecord made = endpoints.create(networks.find("blue").orElseThrow(),
                EndpointSpec.networkNamespace("port", "ns", "eth0").publish("8080:80").build(), TWO);
        assertRefused("a manager removes it", new Change.Delete(RECORD + "port"));
        assertRefused("health", again("port", endpoint("port", made.mac(), addressOf(made))));
        assertAllowed(again("port", made.withHealth(new HealthStatus(Health.UNHEALTHY, "ill"))));
        endpoints.remove(made);
        assertEquals(List.of(), services.of(ingress));
        EndpointClaims.of(made).forEach(this::assertAllowed);
        assertRefused("published by a manager", record(made));
    }

    @Test
    void shouldNotAllowAnEndpointToBecomeAnother() {
        List<EndpointRecord> lies = List.of(endpoint("eve", eve.mac(), addressOf(web)), endpoint("eve", web.mac(), addressOf(eve)),
                endpoint("eve", eve.mac()));
        lies.forEach(lie -> assertRefused("health", again("eve", lie)));
        assertEquals(Optional.empty(), objection(new Change.Replace(RECORD + "eve", RecordCodec.encode(lies.getFirst()), 7)), "stale by itself");
    }

    @Test
    void shouldNotAllowClaimsToGoBeforeWhatTheyAreFor() {
        EndpointClaims.of(eve).forEach(claim -> {
            assertRefused("has it still", new Change.Delete(claim.path()));
            assertRefused("stays", new Change.Replace(claim.path(), "endpoint 'x'".getBytes(StandardCharsets.UTF_8), Change.ANY_VERSION));
            assertRefused("with the session", new Change.CreateEphemeral(claim.path(), claim.data()));
        });
        EndpointRecord other = endpoint("other", FREE, "10.0.1.77");
        EndpointClaims.of(other).forEach(this::assertAllowed);
        assertRefused("with the session", new Change.CreateEphemeral(RECORD + "other", RecordCodec.encode(other)));
        EndpointClaims.of(other).map(claim -> new Change.Delete(claim.path())).forEach(this::assertAllowed);
    }

    @Test
    void shouldNotAllowWhatManagersDecideAndWhatStandsInTheirWay() {
        membership.change(LIAR, before -> before.withDrained(true));
        assertRefused("drained", new Change.Replace("/weft/nodes/" + LIAR, RecordCodec.encode(TWO), Change.ANY_VERSION));
        assertRefused("is gone", new Change.Create("/weft/live/carol", new byte[0]));
        store.commit(Layout.membership(new MemberRecord(LIAR, TWO.name(), NodeRole.WORKER)));
        assertRefused("admitted with", new Change.Create("/weft/node-names/carol", LIAR.getBytes(StandardCharsets.UTF_8)));
        assertRefused("for itself", new Change.Create("/weft/node-names/carol", ONE.id().getBytes(StandardCharsets.UTF_8)));
        for (String own : List.of("/weft/nodes/" + LIAR, RECORD + "eve", "/weft/claims/blue/names/eve", "/weft/attached/" + LIAR + "/blue~eve")) {
            assertRefused("nothing belongs below", new Change.Create(own + "/x", new byte[0]));
        }
    }

    /** The store, as it is for a worker. */
    private ClusterStore judged(String member) {
        Class<?>[] type = {ClusterStore.class};
        return (ClusterStore) Proxy.newProxyInstance(ClusterStore.class.getClassLoader(), type, (proxy, method, asked) -> {
            if (method.getName().equals("commit") && asked[0] instanceof List<?> changes) {
                done.clear();
                List<Change> transaction = changes.stream().map(Change.class::cast).toList();
                assertEquals(Optional.empty(), new MemberTransaction(member, store::read).objection(transaction), transaction::toString);
                changes.forEach(change -> {
                    assertEquals(Optional.empty(), new MemberWrites(member, path -> done.getOrDefault(path, store.read(path)))
                            .objection((Change) change), () -> ((Change) change).path());
                    doIt((Change) change);
                });
            }
            try {
                return method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, asked) : method.invoke(store, asked);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @Test
    void shouldNotStandInTheWayOfAnHonestNode() {
        NetworkRecord both = network("both", "10.0.2.0/24", "fd00:2::/64");
        NetworkRecord ingress = networks.create(NetworkSpec.named("in").ingress(true).build(), MTU, List.of());
        Registries own = new Registries(judged(LIAR), new Random(5));
        own.membership().register(TWO);
        List<EndpointSpec> specs = List.of(EndpointSpec.inProcess("a").build(),
                EndpointSpec.inProcess("b").address("10.0.2.77").mac(MacAddress.parse("02:00:00:00:00:07")).build(),
                EndpointSpec.networkNamespace("c", "ns", "eth0").address("fd00:2::77").label("tier", "web").build(),
                EndpointSpec.external("d", ip("192.0.2.9"), MacAddress.parse("02:00:00:00:00:08")).address("10.0.2.78").build());
        for (EndpointSpec spec : specs) {
            EndpointRecord made = own.endpoints().create(both, spec, TWO);
            own.endpoints().setHealth(made, new HealthStatus(Health.UNHEALTHY, "ill"));
        }
        own.endpoints().create(ingress, EndpointSpec.inProcess(IngressNames.gateway(LIAR)).build(), TWO);
        networks.grow(both, SubnetSpec.of("10.0.3.0/24"));
        own.endpoints().create(networks.find("both").orElseThrow(), EndpointSpec.inProcess("e").address("10.0.3.5").build(), TWO);
        own.endpoints().at(LIAR).forEach(own.endpoints()::remove);
        own.membership().withdraw(LIAR);
        own.membership().register(TWO);
        own.membership().forget(LIAR, TWO.name());
        assertEquals(List.of(web), endpoints.of(networks.find("blue").orElseThrow()));
    }
}
