package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpscRingTest {

    private final SpscRing ring = new SpscRing(4);

    @Test
    void shouldRefuseWhatDoesNotFit() {
        for (int i = 0; i < 4; i++) {
            assertTrue(ring.offer(i, -i));
        }
        assertTrue(ring.isFull());
        assertEquals(0, ring.room());
        assertFalse(ring.offer(4, -4));
        ring.isEmpty();
        ring.advance();
        assertTrue(ring.offer(4, -4));
    }

    @Test
    void shouldKeepTheOrderAroundItsEnd() {
        for (int i = 0; i < 11; i++) {
            assertTrue(ring.offer(i, 100 + i));
            assertFalse(ring.isEmpty());
            assertEquals(i, ring.first());
            assertEquals(100 + i, ring.second());
            ring.advance();
            assertTrue(ring.isEmpty());
        }
    }

    @Test
    void shouldCarryEveryPairBetweenTwoThreads() throws InterruptedException {
        int pairs = 300_000;
        Thread producer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < pairs; i++) {
                while (!ring.offer(i, ~i)) {
                    Thread.yield();
                }
            }
        });
        for (int i = 0; i < pairs; i++) {
            while (ring.isEmpty()) {
                Thread.yield();
            }
            assertEquals(i, ring.first());
            assertEquals(~i, ring.second());
            ring.advance();
        }
        producer.join();
        assertTrue(ring.isEmpty());
    }

    @Test
    void shouldRefuseACapacityThatIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new SpscRing(3));
    }
}
