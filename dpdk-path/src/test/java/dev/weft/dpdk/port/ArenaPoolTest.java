package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ArenaPoolTest {

    private static final int BUFFERS = 10;
    private final ArenaPool pool = new ArenaPool(BUFFERS, 1500);

    @Test
    void shouldGiveEachBufferOnceUntilNoneIsLeft() {
        long[] taken = new long[BUFFERS + 1];
        assertEquals(BUFFERS, pool.allocate(taken, BUFFERS + 1));
        assertEquals(BUFFERS, Arrays.stream(taken, 0, BUFFERS).distinct().count());
        assertEquals(0, pool.available());
        assertEquals(0, pool.allocate(taken, 1));
    }

    @Test
    void shouldGiveTheBufferThatCameBackLast() {
        long[] taken = new long[3];
        pool.allocate(taken, 3);
        pool.free(taken, 3);
        long last = taken[2];
        assertEquals(1, pool.allocate(taken, 1));
        assertEquals(last, taken[0]);
        assertEquals(BUFFERS - 1, pool.available());
    }

    @Test
    void shouldKeepBuffersApart() {
        long[] taken = new long[BUFFERS];
        pool.allocate(taken, BUFFERS);
        Arrays.sort(taken);
        for (int i = 1; i < BUFFERS; i++) {
            assertTrue(taken[i - 1] + PacketPool.HEADROOM + pool.dataRoom() <= taken[i]);
        }
        assertTrue(taken[BUFFERS - 1] + PacketPool.HEADROOM + pool.dataRoom() <= pool.memory().byteSize());
        assertTrue(pool.dataRoom() >= 1500);
        assertEquals(taken[3] + PacketPool.HEADROOM, pool.dataOffset(taken[3]));
    }
}
