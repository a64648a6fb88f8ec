package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {

    private static final long SEED = 20_261_125;
    private static final int SIZE = ReplayWindow.SIZE;

    @Test
    void shouldTakeEachNumberOnceAndNoneBelowTheFirst() {
        ReplayWindow window = new ReplayWindow(0);
        assertFalse(window.take(0));
        assertFalse(window.take(-1));
        for (long sequence = 1; sequence < 3 * SIZE; sequence++) {
            assertTrue(window.isNew(sequence));
            assertTrue(window.take(sequence));
            assertFalse(window.isNew(sequence));
            assertFalse(window.take(sequence));
        }
    }

    @Test
    void shouldTakeLateOnesWithinTheWindowAndRefuseThoseLeftOfIt() {
        for (long top : new long[] {SIZE, 100_000, 0xffff_ffffL, 0x1_0000_0000L, 0x1_0000_0001L, 1L << 40}) {
            ReplayWindow window = new ReplayWindow(0);
            assertTrue(window.take(top));
            assertFalse(window.take(top - SIZE), "left of the window of " + top);
            for (long sequence = top - SIZE + 1; sequence < top; sequence++) {
                assertTrue(window.take(sequence), sequence + " of " + top);
            }
            assertFalse(window.take(top - SIZE + 1));
            assertEquals(top, window.top());
        }
    }

    /** Against a set that forgets nothing. */
    @Test
    void shouldAgreeWithASet() {
        SplittableRandom random = new SplittableRandom(SEED);
        ReplayWindow window = new ReplayWindow(0);
        Set<Long> taken = new HashSet<>();
        long top = 0;
        for (int i = 0; i < 300_000; i++) {
            long reach = switch (random.nextInt(20)) {
                case 0 -> 3L * SIZE;
                case 1 -> SIZE + 2;
                default -> 70;
            };
            long sequence = Math.max(1, top + random.nextLong(-reach, reach + 1));
            boolean expected = sequence > top - SIZE && taken.add(sequence);
            assertEquals(expected, window.take(sequence), sequence + " when the top is " + top);
            top = Math.max(top, expected ? sequence : 0);
            assertEquals(top, window.top());
        }
    }

    /** Bursts with gaps, replays, late ones and jumps, against one number after the other. */
    @Test
    void shouldTakeABurstAsOneNumberAfterTheOther() {
        SplittableRandom random = new SplittableRandom(SEED);
        ReplayWindow window = new ReplayWindow(0);
        ReplayWindow single = new ReplayWindow(0);
        long[] sequences = new long[Long.SIZE];
        long next = 1;
        for (int round = 0; round < 20_000; round++) {
            long slots = random.nextInt(4) == 0 ? random.nextLong() : -1L;
            long refused = 0;
            for (int i = 0; i < sequences.length; i++) {
                long late = random.nextInt(100) == 0 ? random.nextLong(2L * SIZE) : 0;
                sequences[i] = Math.max(0, next++ - late);
                next += random.nextInt(500) == 0 ? random.nextLong(3L * SIZE) : 0;
                if ((slots & 1L << i) != 0 && !single.take(sequences[i])) {
                    refused |= 1L << i;
                }
            }
            assertEquals(refused, window.take(sequences, slots), "round " + round);
            assertEquals(single.top(), window.top());
        }
        for (long sequence = single.top() - SIZE; sequence <= single.top(); sequence++) {
            assertEquals(single.isNew(sequence), window.isNew(sequence));
        }
        assertEquals(0, window.take(sequences, 0));
    }

    @Test
    void shouldFindTheHighHalfOfTheNumberNearestToTheWindow() {
        SplittableRandom random = new SplittableRandom(SEED);
        long[] tops = {1, SIZE - 1, SIZE, 0xffff_ffffL, 0x1_0000_0000L, 0x1_0000_0000L + SIZE, 0x7_ffff_ff00L, 0x7_ffff_ffffL, 0x8_0000_0001L};
        for (long top : tops) {
            ReplayWindow window = new ReplayWindow(0);
            window.take(top);
            for (int i = 0; i < 10_000; i++) {
                long sequence = top + random.nextLong(Math.max(1 - top, 1 - SIZE), 0x7fff_ffffL);
                assertEquals(sequence, window.extended((int) sequence), "when the top is " + top);
            }
        }
        assertTrue(new ReplayWindow(0).extended(0xffff_ffff) <= 0, "before the first");
    }

    @Test
    void shouldRefuseAllThatAnEarlierWindowHadAndTakeAllAboveIt() {
        for (long before = 1; before < 3L * SIZE; before += 61) {
            ReplayWindow window = new ReplayWindow(before);
            assertFalse(window.take(before));
            assertFalse(window.take(1));
            for (long sequence = before + 130; sequence > before; sequence--) {
                assertTrue(window.take(sequence));
            }
            assertFalse(window.take(before));
        }
        assertFalse(new ReplayWindow(Long.MAX_VALUE).take(Long.MAX_VALUE));
    }
}
