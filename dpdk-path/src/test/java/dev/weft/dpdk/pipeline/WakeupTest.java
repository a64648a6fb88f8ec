package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.FrameChannel;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.InProcessPort;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.stage.Transmit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A poller thread that sleeps between two in-process ports, each of which gets what the other sends. */
class WakeupTest {

    private static final int FRAME = 60;
    private final Wakeup wakeup = Wakeup.create();
    private final ArenaPool pool = new ArenaPool(1024, 2048);
    private final Ports ports = new Ports();
    private final Stage toTheOther = burst -> {
        for (int i = 0; i < burst.count; i++) {
            burst.send(i, 3 - burst.inPort);
        }
    };
    private final Poller poller = new Poller(ports, new FusedPipeline(List.of(toTheOther), List.of(toTheOther), new Transmit(ports, pool)), pool,
            System::nanoTime, List.of(), wakeup);
    private final PollerThread thread = new PollerThread("weft-test-wakeup", poller, new IdleStrategy(false), PollerThread.ThreadEntry.NONE);
    private final InProcessPort left = new InProcessPort("left", pool, 1514, wakeup);
    private final InProcessPort right = new InProcessPort("right", pool, 1514, wakeup);

    private void addPorts() {
        thread.await(poller.addPort(1, left));
        thread.await(poller.addPort(2, right));
    }

    @AfterEach
    void end() {
        thread.close();
        assertEquals(0, thread.failures());
    }

    private static void send(FrameChannel channel) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!channel.tryClaim(FRAME)) {
            assertTrue(System.nanoTime() - deadline < 0, "no buffer");
            Thread.yield();
        }
        channel.commit();
    }

    private static void receive(FrameChannel channel, int frame) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (channel.poll((memory, offset, length) -> assertEquals(FRAME, length), 1) == 0) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "frame " + frame + " was slept over");
            Thread.yield();
        }
    }

    private void awaitSleep() {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!wakeup.isAsleep()) {
            assertTrue(System.nanoTime() - deadline < 0, "never sleeps");
            Thread.yield();
        }
    }

    /** Were a single signal lost, its frame would wait for the 100 ms of a whole sleep, and these for minutes. */
    @Test
    void shouldWakeForEachFrameWhenAsleepOrAboutToSleep() {
        addPorts();
        long began = System.nanoTime();
        for (int frame = 0; frame < 1000; frame++) {
            if (frame % 3 == 0) {
                awaitSleep();
            }
            send(left.channel());
            receive(right.channel(), frame);
        }
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(60).toNanos(), "signals are lost");
    }

    @Test
    void shouldTakeCommandsWhileAsleep() {
        addPorts();
        awaitSleep();
        thread.await(poller.removePort(2));
        send(left.channel());
        awaitSleep();
        assertEquals(0, right.channel().poll((memory, offset, length) -> { }, 1));
    }

    /** A poller that naps 250 us at a time would wake some 4,000 times a second. */
    @Test
    void shouldUseNoTimeWhileNothingHappens() {
        addPorts();
        awaitSleep();
        long began = System.nanoTime();
        long wakeUps = wakeup.sleeps();
        while (System.nanoTime() - began < Duration.ofSeconds(2).toNanos()) {
            Thread.yield();
        }
        long slept = wakeup.sleeps() - wakeUps;
        long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
        assertTrue(slept <= millis / 50, () -> "slept " + slept + " times in " + millis + " ms");
    }
}
