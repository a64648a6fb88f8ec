package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weft.api.Cidr;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.ClusterStore;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchedNodesTest {

    private static final byte[] ALIVE = {};

    private final HandWorker clock = new HandWorker(false);
    private int changes;
    private final WatchedNodes nodes = new WatchedNodes(clock, () -> changes++);

    private void comes(String id) {
        nodes.livenessChanged(Layout.LIVE + "/" + id, ALIVE);
    }

    private void goes(String id) {
        nodes.livenessChanged(Layout.LIVE + "/" + id, null);
    }

    @Test
    void shouldNoticeNothingWhenANodeTakesUpANewSession() {
        comes("a");
        comes("b");
        Set<String> before = nodes.live();
        goes("a");
        comes("a");
        clock.timeIsUp();
        assertSame(before, nodes.live());
        assertEquals(2, changes);
    }

    @Test
    void shouldLeaveOutANodeThatStaysAwayForTheGrace() {
        comes("a");
        comes("b");
        goes("a");
        assertEquals(Set.of("a", "b"), nodes.live());
        clock.timeIsUp();
        assertEquals(Set.of("b"), nodes.live());
        assertEquals(3, changes);
        comes("a");
        assertEquals(Set.of("a", "b"), nodes.live());
        assertEquals(4, changes);
    }

    @Test
    void shouldGiveEachDepartureItsOwnGrace() {
        comes("a");
        goes("a");
        comes("a");
        goes("a");
        clock.timeIsUp();
        assertEquals(Set.of("a"), nodes.live(), "the first departure's time is up, not the second one's");
        clock.timeIsUp();
        assertEquals(Set.of(), nodes.live());
    }

    @Test
    void shouldLeaveOutNobodyWhileTheStoreIsAway() {
        comes("a");
        comes("b");
        goes("a");
        goes("b");
        nodes.connectionChanged(ClusterStore.Connection.SUSPENDED);
        nodes.connectionChanged(ClusterStore.Connection.LOST);
        clock.timeIsUp();
        clock.timeIsUp();
        assertEquals(Set.of("a", "b"), nodes.live());
        nodes.connectionChanged(ClusterStore.Connection.CONNECTED);
        comes("a");
        clock.timeIsUp();
        clock.timeIsUp();
        assertEquals(Set.of("a"), nodes.live());
    }

    @Test
    void shouldIgnoreARecordThatIsAnothersInAllButItsPlace() {
        NodeRecord bob = new NodeRecord("bob", "bob", NodeRole.WORKER, Cidr.parseAddress("192.0.2.1"), Cidr.parseAddress("192.0.2.1"),
                DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
        nodes.nodeChanged(Layout.node("alice"), RecordCodec.encode(bob));
        assertEquals(Map.of(), nodes.nodes());
    }

    @Test
    void shouldTellOfARecordThatIsAnotherOneOnly() {
        NodeRecord record = new NodeRecord("a", "a", NodeRole.WORKER, Cidr.parseAddress("192.0.2.1"), Cidr.parseAddress("192.0.2.1"),
                DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
        nodes.nodeChanged(Layout.node("a"), RecordCodec.encode(record));
        nodes.nodeChanged(Layout.node("a"), RecordCodec.encode(record));
        assertEquals(Map.of("a", record), nodes.nodes());
        nodes.nodeChanged(Layout.node("a"), RecordCodec.encode(record.withDrained(true)));
        nodes.nodeChanged(Layout.node("a"), null);
        nodes.nodeChanged(Layout.node("a"), null);
        assertEquals(Map.of(), nodes.nodes());
        assertEquals(3, changes);
    }
}
