package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPipelineTest {

    private static final int ENDPOINT = Ports.FIRST_ENDPOINT;
    private static final int WORKERS = 3;
    private static final long BROKEN = 7;

    private final List<Long> transmitted = new ArrayList<>();
    private final List<Boolean> complete = new ArrayList<>();
    private final Set<Thread> sealers = ConcurrentHashMap.newKeySet();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final WorkerPipeline pipeline = new WorkerPipeline(List.of(burst -> burst.drop(0, DropReason.CONSUMED)), List.of(),
            _ -> this::seal, this::transmit, WORKERS, false);

    @AfterEach
    void close() {
        gate.countDown();
        pipeline.close();
    }

    private void seal(Burst burst) {
        await(gate);
        sealers.add(Thread.currentThread());
        if (burst.buffer[0] == BROKEN) {
            throw new IllegalStateException("of the stage");
        }
        burst.send(0, Ports.UPLINK);
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
        assertEquals(WORKERS, sealers.size());
        assertTrue(sealers.stream().noneMatch(thread -> thread == Thread.currentThread()));
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
}
