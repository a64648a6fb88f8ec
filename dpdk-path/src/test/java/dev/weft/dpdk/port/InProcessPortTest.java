package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.FrameChannel;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wakeup;
import dev.weft.dpdk.table.Tables;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InProcessPortTest {

    private static final int BUFFERS = 1024;
    private static final int FRAME = 60;

    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final InProcessPort port = new InProcessPort("endpoint:a@1", pool, 1514, Wakeup.naps());
    private final FrameChannel channel = port.channel();
    private final Burst burst = new Burst();

    /** Until the writer has all the buffers that it gets beforehand. */
    private void settle() {
        int before;
        do {
            before = pool.available();
            receive();
        } while (pool.available() != before);
    }

    private int receive() {
        burst.begin(Tables.EMPTY, pool.memory(), 0);
        return port.receive(burst);
    }

    /** Frames of {@link #FRAME} bytes whose first byte counts, transmitted to the application. */
    private int deliver(int count) {
        return deliver(port, count);
    }

    private int deliver(InProcessPort to, int count) {
        burst.begin(Tables.EMPTY, pool.memory(), 0);
        long[] buffer = new long[1];
        int[] slots = new int[count];
        for (int i = 0; i < count; i++) {
            assertEquals(1, pool.allocate(buffer, 1));
            slots[i] = burst.add(buffer[0], pool.dataOffset(buffer[0]), FRAME);
            pool.memory().set(JAVA_BYTE, burst.offset[i], (byte) i);
        }
        int accepted = to.transmit(burst, slots, count);
        for (int i = accepted; i < count; i++) {
            buffer[0] = burst.buffer[slots[i]];
            pool.free(buffer, 1);
        }
        return accepted;
    }

    private void send(int firstByte) {
        assertTrue(channel.tryClaim(FRAME));
        channel.memory().set(JAVA_BYTE, channel.offset(), (byte) firstByte);
        channel.commit();
    }

    @Test
    void shouldHandTheSameBufferToThePollerThatTheApplicationWrote() {
        receive();
        assertTrue(channel.tryClaim(FRAME));
        long written = channel.offset();
        channel.memory().set(JAVA_BYTE, written, (byte) 7);
        assertEquals(0, receive());
        channel.commit();
        assertEquals(1, receive());
        assertEquals(written, burst.offset[0]);
        assertEquals(FRAME, burst.length[0]);
        assertEquals(written, pool.dataOffset(burst.buffer[0]));
        assertTrue(burst.isOpen(0));
        assertSame(pool.memory(), channel.memory());
    }

    @Test
    void shouldHandFramesToTheApplicationInOrderAndTakeTheBuffersBack() {
        settle();
        int before = pool.available();
        assertEquals(5, deliver(5));
        List<Integer> seen = new ArrayList<>();
        assertEquals(3, channel.poll((memory, offset, length) -> seen.add(length * 1000 + memory.get(JAVA_BYTE, offset)), 3));
        assertEquals(2, channel.poll((memory, offset, length) -> seen.add(length * 1000 + memory.get(JAVA_BYTE, offset)), 10));
        assertEquals(List.of(60_000, 60_001, 60_002, 60_003, 60_004), seen);
        assertEquals(before - 5, pool.available());
        receive();
        assertEquals(before, pool.available());
    }

    @Test
    void shouldTakeTheBufferBackWhenTheHandlerThrows() {
        settle();
        int before = pool.available();
        deliver(2);
        assertThrows(IllegalStateException.class, () -> channel.poll((_, _, _) -> {
            throw new IllegalStateException("of the application");
        }, 2));
        assertEquals(1, channel.poll((_, _, _) -> { }, 2));
        receive();
        assertEquals(before, pool.available());
    }

    @Test
    void shouldKeepWhatAFullRingTakesAndRefuseTheRest() {
        int accepted = 0;
        for (int round = 0; round < 5; round++) {
            accepted += deliver(Burst.CAPACITY);
        }
        assertEquals(256, accepted);
        assertEquals(BUFFERS - 256, pool.available());
    }

    /** At 10,000 a second, while the thread that answers has no processor for a tenth of a second. */
    @Test
    void shouldKeepMoreQuestionsForAGateway() {
        InProcessPort gateway = InProcessPort.ofGateway("gateway:a", pool, 1514, Wakeup.naps());
        int accepted = 0;
        for (int frames = 0; frames < BUFFERS; frames += Burst.CAPACITY) {
            accepted += deliver(gateway, Burst.CAPACITY);
        }
        assertEquals(BUFFERS, accepted);
        int[] next = new int[1];
        while (gateway.channel().poll((memory, frame, _) -> assertEquals((byte) (next[0]++ % Burst.CAPACITY), memory.get(JAVA_BYTE, frame)),
                Burst.CAPACITY) > 0) {
            assertEquals(0, next[0] % Burst.CAPACITY);
        }
        assertEquals(BUFFERS, next[0]);
        assertTrue(gateway.reclaim());
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldRefuseAClaimWhileNoBufferIsThereAndCountIt() {
        assertFalse(channel.tryClaim(FRAME));
        assertEquals(1, port.refused());
        receive();
        assertTrue(channel.tryClaim(FRAME));
        assertEquals(1, port.refused());
    }

    @Test
    void shouldUseTheBufferOfAnAbortedClaimAgain() {
        receive();
        assertTrue(channel.tryClaim(FRAME));
        long offset = channel.offset();
        channel.abort();
        assertTrue(channel.tryClaim(FRAME));
        assertEquals(offset, channel.offset());
    }

    @Test
    void shouldRefuseLengthsOutOfRangeAndCallsOutOfOrder() {
        receive();
        assertThrows(IllegalArgumentException.class, () -> channel.tryClaim(13));
        assertThrows(IllegalArgumentException.class, () -> channel.tryClaim(1515));
        assertThrows(IllegalStateException.class, channel::commit);
        assertThrows(IllegalStateException.class, channel::abort);
        assertTrue(channel.tryClaim(1514));
        assertThrows(IllegalStateException.class, () -> channel.tryClaim(14));
        port.maxFrameLength(1414);
        assertEquals(1414, channel.maxFrameLength());
    }

    @Test
    void shouldGiveEverythingBackOnClose() {
        receive();
        deliver(10);
        channel.poll((_, _, _) -> { }, 3);
        send(1);
        assertTrue(channel.tryClaim(FRAME));
        channel.abort();
        port.close();
        assertTrue(port.reclaim());
        assertEquals(BUFFERS, pool.available());
        assertEquals(0, channel.poll((_, _, _) -> { }, 10));
        assertFalse(channel.tryClaim(FRAME));
        assertEquals(0, port.refused());
    }

    @Test
    void shouldWaitForAClaimThatIsStillHeldOnClose() {
        receive();
        assertTrue(channel.tryClaim(FRAME));
        port.close();
        assertFalse(port.reclaim());
        channel.memory().set(JAVA_BYTE, channel.offset(), (byte) 1);
        channel.commit();
        assertTrue(port.reclaim());
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldWaitForAReaderThatIsStillInAFrameOnClose() {
        receive();
        deliver(2);
        assertEquals(1, channel.poll((_, _, _) -> {
            port.close();
            assertFalse(port.reclaim());
        }, 2));
        assertTrue(port.reclaim());
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldCarryFramesBothWaysBetweenThreads() throws InterruptedException {
        int frames = 100_000;
        Thread application = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < frames; i++) {
                while (!channel.tryClaim(FRAME)) {
                    Thread.yield();
                }
                channel.memory().set(JAVA_BYTE, channel.offset(), (byte) i);
                channel.commit();
            }
        });
        int[] echoed = new int[1];
        Thread reader = Thread.ofPlatform().start(() -> {
            while (echoed[0] < frames) {
                channel.poll((memory, offset, _) -> assertEquals((byte) echoed[0]++, memory.get(JAVA_BYTE, offset)), 64);
                Thread.yield();
            }
        });
        int[] slots = new int[1];
        for (int seen = 0; seen < frames; ) {
            int received = receive();
            for (slots[0] = 0; slots[0] < received; slots[0]++) {
                while (port.transmit(burst, slots, 1) == 0) {
                    Thread.yield();
                }
            }
            seen += received;
        }
        application.join();
        reader.join();
        assertEquals(frames, echoed[0]);
        port.close();
        assertTrue(port.reclaim());
        assertEquals(BUFFERS, pool.available());
    }
}
