package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPipelineTest {

    private static final int ENDPOINT = Ports.FIRST_ENDPOINT;
    private static final int WORKERS = 3;
    private static final int EACH_WAY = 16;
    private static final long BROKEN = 7;
    private static final long UNOPENED = -2;
    private static final long UNPARSED = -4;

    private final List<Long> transmitted = new ArrayList<>();
    private final Thread poller = Thread.currentThread();
    private final List<Long> checked = new ArrayList<>();
    private final List<Boolean> complete = new ArrayList<>();
    private final Set<Thread> workers = ConcurrentHashMap.newKeySet();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger told = new AtomicInteger();
    private final WorkerPipeline pipeline = new WorkerPipeline(
            new Way(List.of(this::parse), _ -> this::cipher, List.of(this::check)), new Way(List.of(this::select), _ -> this::cipher, List.of()),
            this::transmit, WORKERS, false, told::incrementAndGet);

    @AfterEach
    void close() {
        gate.countDown();
        pipeline.close();
    }

    /** All that an endpoint sends is to be sealed. */
    private void select(Burst burst) {
        burst.esp = 1;
    }

    /** Of what comes from the underlay, what has an even number is to be opened. */
    private void parse(Burst burst) {
        if (burst.buffer[0] == UNPARSED) {
            burst.esp = 1;
            throw new IllegalStateException("of the stage before");
        }
        if (burst.buffer[0] % 2 == 0) {
            burst.esp = 1;
        } else {
            burst.drop(0, DropReason.CONSUMED);
        }
    }

    private void cipher(Burst burst) {
        if (burst.esp == 0) {
            return;
        }
        await(gate);
        workers.add(Thread.currentThread());
        if (burst.buffer[0] == BROKEN || burst.buffer[0] == UNOPENED) {
            throw new IllegalStateException("of the stage");
        }
        if (burst.inPort == ENDPOINT) {
            burst.send(0, Ports.UPLINK);
        }
    }

    private void check(Burst burst) {
        assertSame(poller, Thread.currentThread());
        checked.add(burst.buffer[0]);
        if (burst.isOpen(0)) {
            burst.send(0, ENDPOINT);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void transmit(Burst burst) {
        transmitted.add(burst.buffer[0]);
        complete.add(burst.isSend(0));
    }

    private void process(int port, long number) {
        Burst burst = pipeline.claim(port);
        assertNotNull(burst);
        burst.begin(Tables.EMPTY, MemorySegment.NULL, port);
        burst.add(number, 0, 60);
        pipeline.process(burst);
    }

    @Test
    void shouldTransmitInOrderWhatWorkersSealOnThreadsOfTheirOwn() {
        gate.countDown();
        List<Long> expected = new ArrayList<>();
        for (long number = 100; number < 1100; number++) {
            while (pipeline.claim(ENDPOINT) == null) {
                pipeline.drain();
            }
            process(ENDPOINT, number);
            expected.add(number);
        }
        pipeline.drainAll();
        assertEquals(expected, transmitted);
        assertTrue(complete.stream().allMatch(sent -> sent));
        assertEquals(WORKERS, workers.size());
        assertTrue(workers.stream().noneMatch(thread -> thread == Thread.currentThread()));
    }

    @Test
    void shouldSayWhenAllBurstsAreUnderWayAndGoOnWithInboundOnes() {
        for (long number = 0; number < 16; number++) {
            process(ENDPOINT, number);
        }
        assertNull(pipeline.claim(ENDPOINT));
        assertEquals(0, pipeline.drain());
        process(Ports.UPLINK, 99);
        assertEquals(List.of(99L), transmitted);
        gate.countDown();
        pipeline.drainAll();
        assertEquals(17, transmitted.size());
        assertNotNull(pipeline.claim(ENDPOINT));
    }

    @Test
    void shouldGiveTheSameBurstUntilItIsProcessed() {
        Burst burst = pipeline.claim(ENDPOINT);
        assertSame(burst, pipeline.claim(ENDPOINT));
        pipeline.drainAll();
        process(ENDPOINT, 1);
        assertNotEquals(burst, pipeline.claim(ENDPOINT));
    }

    @Test
    void shouldLeaveOpenWhatAWorkerThrewOverAndGoOn() {
        gate.countDown();
        process(ENDPOINT, BROKEN);
        process(ENDPOINT, 8);
        pipeline.drainAll();
        assertEquals(List.of(BROKEN, 8L), transmitted);
        assertEquals(List.of(false, true), complete);
    }

    @Test
    void shouldCheckAndTransmitInOrderWhatWorkersOpenWhileTheySealToo() {
        gate.countDown();
        List<Long> expected = new ArrayList<>();
        for (long number = 100; number < 1100; number++) {
            int port = number % 3 == 0 ? ENDPOINT : Ports.UPLINK;
            while (pipeline.claim(port) == null) {
                pipeline.drain();
            }
            process(port, 2 * number);
            expected.add(2 * number);
        }
        pipeline.drainAll();
        assertEquals(expected, transmitted);
        assertEquals(expected.stream().filter(number -> number % 3 != 0).toList(), checked);
        assertTrue(complete.stream().allMatch(sent -> sent));
        assertEquals(WORKERS, workers.size());
        assertTrue(workers.stream().noneMatch(thread -> thread == poller));
        assertTrue(told.get() >= expected.size());
    }

    @Test
    void shouldKeepWhatNeedsNoWorkerBehindWhatDoes() {
        process(Ports.UPLINK, 2);
        process(Ports.UPLINK, 3);
        assertEquals(List.of(), transmitted);
        gate.countDown();
        pipeline.drainAll();
        process(Ports.UPLINK, 5);
        assertEquals(List.of(2L, 3L, 5L), transmitted);
        assertEquals(List.of(true, false, false), complete);
        assertEquals(List.of(2L, 3L, 5L), checked);
    }

    @Test
    void shouldGoOnWithOutboundBurstsWhenAllInboundOnesAreUnderWay() {
        for (long number = 0; number < EACH_WAY; number++) {
            process(Ports.UPLINK, 2 * number);
        }
        assertNull(pipeline.claim(Ports.UPLINK));
        process(ENDPOINT, 99);
        assertNull(pipeline.claim(Ports.UPLINK));
        gate.countDown();
        pipeline.drainAll();
        assertEquals(EACH_WAY + 1, transmitted.size());
        assertNotNull(pipeline.claim(Ports.UPLINK));
    }

    @Test
    void shouldShowNoLaterStageABurstThatOneHasThrownOver() {
        process(Ports.UPLINK, UNOPENED);
        assertThrows(IllegalStateException.class, () -> process(Ports.UPLINK, UNPARSED));
        process(Ports.UPLINK, 8);
        gate.countDown();
        pipeline.drainAll();
        assertThrows(IllegalStateException.class, () -> process(Ports.UPLINK, UNPARSED));
        pipeline.drainAll();
        assertEquals(List.of(UNOPENED, UNPARSED, 8L, UNPARSED), transmitted);
        assertEquals(List.of(false, false, true, false), complete);
        assertEquals(List.of(8L), checked);
    }
}
