package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.StateFormat;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipTest extends RegistryTest {

    private static final NodeRecord THREE = node("3333", "three", "192.0.2.3");

    @Test
    void shouldKnowWhoIsAlive() {
        InMemoryClusterStore third = cluster.connect();
        membershipOf(third).register(THREE);
        assertEquals(Set.of("1111", "2222", "3333"), membership.live());

        third.close();

        assertEquals(Set.of("1111", "2222"), membership.live());
        assertEquals(List.of(ONE, TWO, THREE), membership.nodes());
    }

    @Test
    void shouldRegisterAgainWithoutAChange() {
        String before = cluster.toString();
        int version = store.read(Layout.node(ONE.id())).orElseThrow().version();
        membership.register(ONE);
        assertEquals(before, cluster.toString());
        assertEquals(version, store.read(Layout.node(ONE.id())).orElseThrow().version(), "nobody is told of nothing");
    }

    @Test
    void shouldComeBackAsTheSameNodeBeforeItsOldSessionIsOver() {
        InMemoryClusterStore killed = cluster.connect();
        membershipOf(killed).register(THREE);
        InMemoryClusterStore restarted = cluster.connect();
        NodeRecord moved = node("3333", "three", "192.0.2.33");

        membershipOf(restarted).register(moved);
        killed.expire();

        assertTrue(membership.live().contains("3333"), "the old session's end does not take the new one along");
        assertEquals(List.of(ONE, TWO, moved), membership.nodes());
    }

    @Test
    void shouldComeBackAfterItsSessionIsOver() {
        InMemoryClusterStore client = cluster.connect();
        membershipOf(client).register(THREE);
        client.expire();
        assertFalse(membership.live().contains("3333"));
        client.resume();
        membershipOf(client).register(THREE);
        assertTrue(membership.live().contains("3333"));
    }

    @Test
    void shouldRefuseTheNameOfALiveNode() {
        String before = cluster.toString();
        InMemoryClusterStore other = cluster.connect();
        assertThrows(WeftException.NameTaken.class, () -> membershipOf(other).register(node("4444", "one", "192.0.2.4")));
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldTakeOverTheNameOfADeadNodeAndForgetWhatItAttached() {
        InMemoryClusterStore dead = cluster.connect();
        membershipOf(dead).register(THREE);
        NetworkRecord blue = network("blue");
        endpoints.create(blue, EndpointSpec.inProcess("old").build(), THREE);
        dead.close();

        NodeRecord heir = node("4444", "three", "192.0.2.4");
        membershipOf(cluster.connect()).register(heir);

        assertEquals(List.of(ONE, TWO, heir), membership.nodes());
        assertEquals(List.of(), endpoints.of(blue));
    }

    @Test
    void shouldNotLetAForgottenNodeAttach() {
        NetworkRecord blue = network("blue");
        membership.forget("2222", "two");
        assertThrows(WeftException.NodeClosed.class,
                () -> endpoints.create(blue, EndpointSpec.inProcess("late").build(), TWO));
    }

    @Test
    void shouldForgetANodeWithoutATrace() {
        NetworkRecord blue = network("blue");
        String before = cluster.toString();
        membershipOf(cluster.connect()).register(THREE);
        endpoints.create(blue, EndpointSpec.inProcess("old").build(), THREE);

        membership.forget("3333", "three");
        membership.forget("3333", "three");

        assertEquals(before, cluster.toString());
    }

    private void clusterOfFormat(int format) {
        store.commit(new Change.Replace(Layout.CLUSTER, RecordCodec.encode(new ClusterRecord("c1").withStateFormat(format)), Change.ANY_VERSION));
    }

    @Test
    void shouldRefuseAClusterOfALaterFormat() {
        clusterOfFormat(StateFormat.LATEST + 1);
        String before = cluster.toString();
        String message = assertThrows(WeftException.UpdateNeeded.class, () -> membershipOf(cluster.connect()).register(THREE)).getMessage();
        assertTrue(message.contains("format " + (StateFormat.LATEST + 1)) && message.contains("update this node"), message);
        assertEquals(before, cluster.toString());
    }

    @Test
    void shouldGoOnWithTheOldFormatUntilTheLastMemberReadsTheNewOne() {
        clusterOfFormat(StateFormat.FIRST);
        NodeRecord old = new NodeRecord("3333", "three", NodeRole.WORKER, THREE.advertise(), THREE.vtep(), DataPathKind.SOCKET, ControlPorts.DEFAULT,
                false, true, StateFormat.FIRST);
        membershipOf(cluster.connect()).register(old);

        membership.raiseFormat();
        assertEquals(StateFormat.FIRST, membership.cluster().stateFormat());
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        assertThrows(WeftException.UpdateNeeded.class, () -> networks.grow(blue, SubnetSpec.of("10.0.2.0/24")));
        assertThrows(WeftException.UpdateNeeded.class,
                () -> networks.create(NetworkSpec.named("red").subnet("10.0.3.0/24").reserve("10.0.3.9").build(), MTU, List.of()));
        assertEquals(1, networks.grow(blue, SubnetSpec.of("10.0.1.0/24").cidr()).subnets().size(), "a wider range is nothing new");

        membershipOf(cluster.connect()).register(THREE);
        membership.raiseFormat();
        assertEquals(StateFormat.LATEST, membership.cluster().stateFormat());
        assertEquals(2, networks.grow(blue, SubnetSpec.of("10.0.2.0/24")).subnets().size());
    }

    @Test
    void shouldWithdrawOnlyItsOwnLiveness() {
        InMemoryClusterStore client = cluster.connect();
        membershipOf(client).withdraw("1111");
        assertTrue(membership.live().contains("1111"));
        membership.withdraw("1111");
        assertFalse(membership.live().contains("1111"));
        assertEquals(List.of(ONE, TWO), membership.nodes());
    }
}
