package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.LoadBalancing;
import dev.weft.api.NodeRole;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.StateFormat;
import dev.weft.mesh.store.Change;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While a cluster is updated, its leader may be older than others: records have fields, and the store has entries, that it does not know. */
class LaterVersionTest extends RegistryTest {

    private static final String COLOUR = ",\"colour\":{\"deep\":[1]}}";
    private static final String SHOP = Layout.services("blue") + "/shop";
    /** Parents first. */
    private static final List<String> UNKNOWN = List.of("/weft/colours", "/weft/colours/blue", "/weft/networks/blue/colours");
    private NetworkRecord blue;
    private EndpointRecord web;
    private ServiceRecord shop;

    @BeforeEach
    void writeWhatNobodyHereKnows() {
        store.commit(new Change.Replace(Layout.CLUSTER, RecordCodec.encode(new ClusterRecord("c1").withStateFormat(StateFormat.FIRST)),
                Change.ANY_VERSION));
        blue = network("blue", "10.0.1.0/24");
        web = attach(blue, "web");
        shop = services.create(blue, ServiceSpec.vip("shop", "web"));
        store.commit(Layout.membership(new MemberRecord(TWO.id(), TWO.name(), NodeRole.WORKER)));
        List.of(Layout.CLUSTER, Layout.NETWORKS, Layout.SERVERS, Layout.node(TWO.id()), Layout.member(TWO.id()), Layout.network("blue"),
                Layout.endpoint("blue", "web"), SHOP).forEach(this::colour);
        UNKNOWN.forEach(path -> store.commit(new Change.Create(path, "{\"format\":99}".getBytes(StandardCharsets.UTF_8))));
    }

    private void colour(String path) {
        String record = read(path);
        store.commit(new Change.Replace(path, (record.substring(0, record.length() - 1) + COLOUR).getBytes(StandardCharsets.UTF_8),
                Change.ANY_VERSION));
    }

    private String read(String path) {
        return new String(store.read(path).orElseThrow().data(), StandardCharsets.UTF_8);
    }

    private void assertKept(String path, String changed) {
        String record = read(path);
        assertTrue(record.contains(changed), path + " was changed: " + record);
        assertTrue(record.endsWith(COLOUR), path + " has lost what it was given by a later version: " + record);
    }

    @Test
    void shouldKeepWhatLaterVersionsHaveWrittenInRecordsThatItChanges() {
        membership.change(TWO.id(), node -> node.withDrained(true));
        assertKept(Layout.node(TWO.id()), "\"drained\":true");
        membership.changeRole(TWO.id(), NodeRole.MANAGER);
        assertKept(Layout.member(TWO.id()), "\"role\":\"MANAGER\"");
        membership.raiseFormat();
        assertKept(Layout.CLUSTER, "\"stateFormat\":" + StateFormat.LATEST);

        networks.grow(blue, SubnetSpec.of("10.0.3.0/24"));
        assertKept(Layout.network("blue"), "10.0.3.0/24");
        NetworkRecord green = network("green", "10.0.2.0/24");
        assertKept(Layout.NETWORKS, "\"nextVni\":" + (green.vni() + 1));
        int number = new ServerRegistry(store).allot();
        assertKept(Layout.SERVERS, "\"next\":" + (number + 1));
        endpoints.setHealth(web, new HealthStatus(Health.UNHEALTHY, "disk full"));
        assertKept(Layout.endpoint("blue", "web"), "disk full");
        services.update(networks.find("blue").orElseThrow(), shop, ServiceUpdate.change().balancing(LoadBalancing.MAGLEV).build());
        assertKept(SHOP, "MAGLEV");
    }

    /** They are nobody's business here: what this version knows of comes and goes as ever. */
    @Test
    void shouldGoOnBesideEntriesOfLaterVersions() {
        attach(blue, "web2");
        membership.forget(ONE.id(), ONE.name());
        services.remove(shop);
        assertEquals(List.of(), endpoints.of(blue));
        assertEquals(List.of(TWO), membership.nodes());
        WeftException refused = assertThrows(WeftException.InUse.class, () -> networks.remove(blue));
        assertTrue(refused.getMessage().contains("colours"), refused.getMessage());
        for (String path : UNKNOWN.reversed()) {
            assertEquals("{\"format\":99}", read(path));
            store.commit(new Change.Delete(path));
        }
        networks.remove(blue);
    }
}
