package dev.weft.mesh.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.DataPathKind;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.Await;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.schedule.SystemScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StateApplierTest {

    private static final int VNI = 77;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration NONE = Duration.ZERO;

    private final RecordingDataPath path = new RecordingDataPath(DataPathKind.SOCKET);
    private final StateApplier applier = new StateApplier("test", path::apply, new SystemScheduler());
    private volatile List<NetworkState> networks = List.of();
    private final List<DataPathState> applied = new CopyOnWriteArrayList<>();

    private void start() {
        applier.start(epoch -> new DataPathState(epoch, networks), (state, isCarried) -> applied.add(state));
    }

    @AfterEach
    void stop() {
        applier.close();
    }

    private void wants(String... names) {
        networks = List.of(new NetworkState("blue", VNI, 1450, NetworkState.gatewayMacOf(VNI), List.of(),
                Stream.of(names).map(name -> new LocalEndpoint(id(name), new MacAddress(name.hashCode() & 0xffff), List.of(),
                        new Attachment.InProcess())).toList(), List.of(), List.of()));
        applier.changed();
    }

    private static EndpointId id(String name) {
        return new EndpointId(VNI, name);
    }

    @Test
    void shouldApplyOnceAtTheStartEvenWhenThereIsNothing() {
        start();
        applier.awaitFirstRound(PATIENCE);
        assertEquals(List.of(new DataPathState(1, List.of())), path.applied);
    }

    @Test
    void shouldNotApplyAStateThatIsThereAlready() {
        start();
        wants("a");
        applier.awaitCarried(id("a"), PATIENCE);
        int before = path.applied.size();
        for (int i = 0; i < 100; i++) {
            applier.changed();
        }
        wants("a", "b");
        applier.awaitCarried(id("b"), PATIENCE);
        assertEquals(before + 1, path.applied.size());
    }

    @Test
    void shouldGrowTheEpoch() {
        start();
        for (String name : List.of("a", "b", "c")) {
            wants(name);
            applier.awaitCarried(id(name), PATIENCE);
        }
        long[] epochs = path.applied.stream().mapToLong(DataPathState::epoch).toArray();
        for (int i = 1; i < epochs.length; i++) {
            assertTrue(epochs[i] > epochs[i - 1]);
        }
    }

    @Test
    void shouldTellWhyAnEndpointFailedAndCarryTheOthers() {
        path.failing.put("bad", new WeftException.NotFound("no such namespace"));
        start();
        wants("good", "bad");
        applier.awaitCarried(id("good"), PATIENCE);
        assertSame(path.failing.get("bad"), assertThrows(WeftException.NotFound.class, () -> applier.awaitCarried(id("bad"), PATIENCE)));
        wants("good");
        applier.awaitGone(id("bad"), PATIENCE);
        assertEquals(networks, path.last().networks());
    }

    @Test
    void shouldTryAFailedEndpointAgainByItself() {
        path.failing.put("bad", new WeftException.NotFound("no such namespace"));
        start();
        wants("bad");
        Await.until("several attempts", () -> path.applied.size() >= 4);
        path.failing.clear();
        Await.until("carried", () -> carries("bad"));
    }

    private boolean carries(String name) {
        try {
            applier.awaitCarried(id(name), NONE);
            return true;
        } catch (WeftException e) {
            return false;
        }
    }

    @Test
    void shouldGoOnWhenTheDataPathAsAWholeFailedForATime() {
        start();
        applier.awaitFirstRound(PATIENCE);
        path.broken = new WeftException.DataPathFailed("uplink gone");
        wants("a");
        assertSame(path.broken, assertThrows(WeftException.DataPathFailed.class, () -> applier.awaitCarried(id("a"), PATIENCE)));
        path.broken = null;
        Await.until("carried", () -> carries("a"));
    }

    @Test
    void shouldTellOfAStateBeforeAnybodyWhoWaitsForIt() {
        start();
        wants("a");
        applier.awaitCarried(id("a"), PATIENCE);
        assertEquals(networks, applied.getLast().networks());
    }

    @Test
    void shouldSurviveABugInTheDataPath() {
        applier.start(epoch -> {
            if (epoch == 2) {
                throw new IllegalStateException("a bug");
            }
            return new DataPathState(epoch, networks);
        }, (state, isCarried) -> applied.add(state));
        applier.awaitFirstRound(PATIENCE);
        wants("a");
        Await.until("carried", () -> carries("a"));
    }

    @Test
    void shouldNotWaitForAnEndpointThatNobodyWants() {
        start();
        assertThrows(WeftException.DataPathFailed.class, () -> applier.awaitCarried(id("never"), Duration.ofMillis(50)));
        applier.awaitGone(id("never"), PATIENCE);
        applier.awaitKnown(id("external"), PATIENCE);
    }

    @Test
    void shouldApplyNothingAfterClose() {
        start();
        applier.awaitFirstRound(PATIENCE);
        applier.close();
        wants("a");
        assertThrows(WeftException.NodeClosed.class, () -> applier.awaitCarried(id("a"), PATIENCE));
        assertEquals(1, path.applied.size());
    }

    @Test
    void shouldBoundTheDelay() {
        assertEquals(100, RetryDelay.afterMillis(1));
        assertEquals(400, RetryDelay.afterMillis(3));
        assertEquals(5_000, RetryDelay.afterMillis(7));
        assertEquals(5_000, RetryDelay.afterMillis(Integer.MAX_VALUE));
    }
}
