package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.FrameChannel;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.InProcessPort;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.stage.Transmit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PollerTest {

    private static final int BUFFERS = 512;
    private static final int LEFT = Ports.FIRST_ENDPOINT;
    private static final int RIGHT = Ports.FIRST_ENDPOINT + 1;
    private static final int FRAME = 100;

    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Ports ports = new Ports();
    private final InProcessPort left = new InProcessPort("endpoint:left@1", pool, 1514, Wakeup.naps());
    private final InProcessPort right = new InProcessPort("endpoint:right@1", pool, 1514, Wakeup.naps());
    private final List<Long> ticks = new ArrayList<>();
    private long nanos = 1_000;
    private Stage crossing = burst -> {
        for (int i = 0; i < burst.count; i++) {
            burst.send(i, burst.inPort == LEFT ? RIGHT : LEFT);
        }
    };
    private final Poller poller = new Poller(ports,
            new FusedPipeline(List.of(), List.of(burst -> crossing.process(burst)), new Transmit(ports, pool)), pool, () -> nanos,
            List.of((_, now) -> ticks.add(now)));

    private void attachBoth() {
        CompletableFuture<Void> added = poller.addPort(LEFT, left);
        poller.addPort(RIGHT, right);
        assertFalse(added.isDone());
        poller.step();
        assertTrue(added.isDone());
    }

    private static void send(FrameChannel channel, int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(channel.tryClaim(FRAME));
            channel.commit();
        }
    }

    private CounterSnapshot counters() {
        return new CounterSnapshot(ports.snapshot());
    }

    @Test
    void shouldCarryFramesBetweenPortsAndCountThem() {
        attachBoth();
        send(left.channel(), 3);
        send(right.channel(), 2);
        assertEquals(5, poller.step());
        assertEquals(3, right.channel().poll((_, _, length) -> assertEquals(FRAME, length), 10));
        assertEquals(2, left.channel().poll((_, _, _) -> { }, 10));
        assertEquals(0, poller.step());
        assertEquals(3, counters().value("endpoint:left@1", "rx-packets"));
        assertEquals(3 * FRAME, counters().value("endpoint:left@1", "rx-bytes"));
        assertEquals(3, counters().value("endpoint:right@1", "tx-packets"));
        assertEquals(2 * FRAME, counters().value("endpoint:left@1", "tx-bytes"));
    }

    @Test
    void shouldDropAndCountWhatIsForAPortThatIsGone() {
        attachBoth();
        CompletableFuture<Void> removed = poller.removePort(RIGHT);
        send(left.channel(), 4);
        poller.step();
        assertTrue(removed.isDone());
        assertEquals(4, counters().value("endpoint:left@1", "drop:port-closed"));
        assertFalse(right.channel().tryClaim(FRAME));
    }

    @Test
    void shouldCountOnWhenAPortComesBack() {
        attachBoth();
        send(left.channel(), 1);
        poller.step();
        poller.removePort(LEFT);
        poller.step();
        InProcessPort again = new InProcessPort("endpoint:left@1", pool, 1514, Wakeup.naps());
        poller.addPort(LEFT, again);
        poller.step();
        send(again.channel(), 1);
        poller.step();
        assertEquals(2, counters().value("endpoint:left@1", "rx-packets"));
    }

    @Test
    void shouldFreeAndCountWhatAStageLeftOpenByThrowing() {
        attachBoth();
        crossing = burst -> {
            burst.send(0, RIGHT);
            throw new IllegalStateException("of the stage");
        };
        send(left.channel(), 3);
        assertThrows(IllegalStateException.class, poller::step);
        assertEquals(2, counters().dropped(DropReason.UNFINISHED));
        assertEquals(1, right.channel().poll((_, _, _) -> { }, 10));
        poller.end();
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldCountFramesThatFindTheirRingFull() {
        attachBoth();
        for (int round = 0; round < 6; round++) {
            send(left.channel(), 50);
            poller.step();
        }
        assertEquals(300 - 256, counters().value("endpoint:left@1", "drop:ring-full"));
        assertEquals(256, counters().value("endpoint:right@1", "tx-packets"));
    }

    @Test
    void shouldKeepHouseAboutTenTimesASecond() {
        poller.step();
        poller.step();
        assertEquals(List.of(1_000L), ticks);
        nanos += TimeUnit.MILLISECONDS.toNanos(99);
        poller.step();
        nanos += TimeUnit.MILLISECONDS.toNanos(1);
        poller.step();
        assertEquals(List.of(1_000L, nanos), ticks);
    }

    @Test
    void shouldTakeBackLaterWhatAUserHeldWhenItsPortWasRemoved() {
        attachBoth();
        send(left.channel(), 1);
        assertTrue(left.channel().tryClaim(FRAME));
        poller.removePort(LEFT);
        poller.removePort(RIGHT);
        poller.step();
        assertTrue(pool.available() < BUFFERS);
        left.channel().abort();
        nanos += TimeUnit.SECONDS.toNanos(1);
        poller.step();
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldCloseAPortThatItHasNotTakenWhenItEnds() {
        attachBoth();
        InProcessPort late = new InProcessPort("endpoint:late@1", pool, 1514, Wakeup.naps());
        CompletableFuture<Void> added = poller.addPort(RIGHT + 1, late);
        assertTrue(poller.end());
        assertTrue(added.isCancelled());
        late.receive(new Burst()); // would bring buffers to write into
        assertFalse(late.channel().tryClaim(FRAME), "it is closed");
    }

    @Test
    void shouldRunOnAThreadOfItsOwnUntilItIsClosed() {
        PollerThread thread = new PollerThread("weft-test-poller", poller, new IdleStrategy(false), PollerThread.ThreadEntry.NONE);
        thread.await(poller.addPort(LEFT, left));
        thread.await(poller.addPort(RIGHT, right));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!left.channel().tryClaim(FRAME)) {
            assertTrue(System.nanoTime() - deadline < 0);
        }
        left.channel().commit();
        while (right.channel().poll((_, _, _) -> { }, 1) == 0) {
            assertTrue(System.nanoTime() - deadline < 0);
        }
        thread.close();
        thread.close();
        assertEquals(BUFFERS, pool.available());
        assertEquals(0, thread.failures());
        assertEquals(0, right.channel().poll((_, _, _) -> { }, 1));
    }
}
