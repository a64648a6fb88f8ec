package dev.weft.mesh.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.ClusterStoreContract;
import dev.weft.mesh.store.Subtree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The simulated store keeps the contract that the real one keeps, and fails in the ways in which that one does. */
class SimulatedStoreTest extends ClusterStoreContract {

    private static final int SERVERS = 3;

    private final VirtualTime time = new VirtualTime();
    private final Ensemble ensemble = new Ensemble(time, new Random(1), Timing.ONE_SITE, SERVERS);

    @BeforeEach
    void makeRoot() {
        client().commit(new Change.Create("/weft", new byte[0]));
    }

    /** Another process, at whatever server, that has seen all there is. */
    @Override
    protected SimulatedStore client() {
        time.run(Duration.ofMillis(50));
        SimulatedStore store = new SimulatedStore(ensemble, new Process(time));
        store.children("/");
        return store;
    }

    @Override
    protected void expire(ClusterStore client) {
        SimulatedStore store = (SimulatedStore) client;
        store.partition();
        time.run(Duration.ofSeconds(15));
        store.heal();
    }

    @Override
    protected void until(String what, BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i > 6_000) {
                Assertions.fail("not within a minute of virtual time: " + what);
            }
            time.run(Duration.ofMillis(10));
        }
    }

    private List<ClusterStore.Connection> toldTo(SimulatedStore store) {
        List<ClusterStore.Connection> told = new ArrayList<>();
        store.onConnection(told::add);
        return told;
    }

    @Test
    void shouldNotNoticeAShortCut() {
        SimulatedStore store = client();
        List<ClusterStore.Connection> told = toldTo(store);
        store.partition();
        time.after(2_000_000, store::heal);
        assertEquals(List.of("weft"), store.children("/"), "it was late");
        assertTrue(time.micros() >= 2_000_000);
        assertEquals(List.of(), told);
    }

    @Test
    void shouldKeepItsSessionOverALeaderChange() {
        SimulatedStore store = client();
        store.commit(new Change.CreateEphemeral("/weft/live", new byte[0]));
        List<ClusterStore.Connection> told = toldTo(store);
        ensemble.changeLeader();
        until("back", () -> told.equals(List.of(ClusterStore.Connection.SUSPENDED, ClusterStore.Connection.CONNECTED)));
        assertTrue(store.holds("/weft/live"));
    }

    @Test
    void shouldServeWithOneServerOfThreeGoneAndNotWithTwo() {
        SimulatedStore store = client();
        ensemble.crash(0);
        time.run(Duration.ofSeconds(5));
        store.commit(new Change.Create("/weft/a", new byte[0]));
        ensemble.crash(1);
        time.run(Duration.ofSeconds(1));
        assertThrows(WeftException.ManagerUnreachable.class, () -> store.commit(new Change.Create("/weft/b", new byte[0])));
        ensemble.restart(0);
        until("a quorum again", store::isConnected);
        store.commit(new Change.Create("/weft/c", new byte[0]));
        assertEquals(List.of("a", "c"), store.children("/weft"));
    }

    @Test
    void shouldMakeTheTransactionWhoseAnswerIsLost() {
        SimulatedStore store = client();
        store.loseNextAnswer();
        assertThrows(WeftException.ManagerUnreachable.class, () -> store.commit(new Change.Create("/weft/a", new byte[0])));
        assertTrue(store.read("/weft/a").isPresent());
    }

    @Test
    void shouldReadWhatTheLeaderHasAndHearOfItLater() {
        SimulatedStore writer = client();
        boolean behind = false;
        for (int i = 0; i < 20; i++) {
            String path = "/weft/e" + i;
            SimulatedStore reader = client();
            try (Subtree copy = reader.watch("/weft", () -> { })) {
                writer.commit(new Change.Create(path, new byte[0]));
                behind |= !copy.snapshot().containsKey(path);
                assertTrue(reader.read(path).isPresent(), "at whatever server it is");
            }
        }
        assertTrue(behind, "copies are behind");
    }

    @Test
    void shouldCountMessagesAndBytes() {
        SimulatedStore store = client();
        store.traffic().reset();
        store.commit(new Change.Create("/weft/a", new byte[] {1, 2, 3}));
        store.read("/weft/a");
        assertEquals(6, store.traffic().messages());
        // 12 + 9 + (9 + 4 + 7 + 4 + 3 + 57 + 4) + ... as zookeeper.jute has it: request and answer of multi, of sync and of getData
        assertEquals((12 + 9 + 88) + (20 + 9 + 20) + (12 + 4 + 7) + (20 + 4 + 7) + (12 + 4 + 7 + 1) + (20 + 4 + 3 + 68), store.traffic().bytes());
    }
}
