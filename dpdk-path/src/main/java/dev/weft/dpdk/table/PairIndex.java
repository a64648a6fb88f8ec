package dev.weft.dpdk.table;

import java.util.Arrays;

/**
 * Finds the row of a pair of longs: the halves of an address. Immutable; shares with the one it was made from the
 * pages that no change has touched. Any thread may read.
 *
 * <p>Open addressing, at most half full, so a look-up that finds nothing ends soon too. A slot has the index of a row and nothing
 * else, so that many slots share a cache line: a look-up is a hash, a page's pointer and a probe, and then the row.
 *
 * <pre>
 *   pages --> [ row | - | row | row | - | ... ]   1,024 slots        rows: first second | what is known
 *         --> [ ... ]
 * </pre>
 */
final class PairIndex {

    /** What a look-up says that finds nothing. */
    static final int NONE = -1;

    private static final int SMALLEST = 8;
    private static final int PAGE_BITS = 10;
    private static final int PAGE = 1 << PAGE_BITS;
    /** Slots have the index of a row and one, so that a new page is empty. */
    private static final int EMPTY = 0;
    /** 2^64 divided by the golden ratio: spreads keys that differ in few bits (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final int[][] pages;
    private final int mask;
    private final int shift;

    private PairIndex(int[][] pages, int capacity) {
        this.pages = pages;
        mask = capacity - 1;
        shift = shift(capacity);
    }

    /** The row of the pair, or {@link #NONE}. @param rows of the same snapshot */
    int find(RowPages rows, long first, long second) {
        int slot = home(first, second, shift);
        while (true) {
            int entry = pages[slot >>> PAGE_BITS][slot & PAGE - 1];
            if (entry == EMPTY || rows.is(entry - 1, first, second)) {
                return entry - 1;
            }
            slot = slot + 1 & mask;
        }
    }

    static int home(long first, long second, int shift) {
        return (int) ((second ^ Long.rotateLeft(first * GOLDEN, Integer.SIZE)) * GOLDEN >>> shift);
    }

    static int shift(int capacity) {
        return Long.SIZE - Integer.numberOfTrailingZeros(capacity);
    }

    /**
     * Changes an index and its rows, and takes snapshots. A snapshot costs a copy of the pages that have changed since the last one,
     * and of the list of pages. An index that grows or shrinks is made anew, which each of the changes before has paid for. One thread
     * at a time.
     */
    static final class Editor {
        private final RowPages.Editor rows;
        private int[][] pages;
        /** Whether no snapshot has the page. */
        private boolean[] own;
        private int capacity;
        private int size;
        private PairIndex last;

        /** @param rows where the pairs are; several indices may have theirs in the same */
        Editor(RowPages.Editor rows) {
            this.rows = rows;
            reset(SMALLEST);
        }

        private void reset(int newCapacity) {
            capacity = newCapacity;
            pages = new int[(capacity + PAGE - 1) / PAGE][Math.min(capacity, PAGE)];
            own = new boolean[pages.length];
            Arrays.fill(own, true);
            last = null;
        }

        int size() {
            return size;
        }

        /** The row of the pair, or {@link #NONE}. */
        int find(long first, long second) {
            return entry(slot(first, second)) - 1;
        }

        /** Puts a pair that is not there yet. */
        void add(long first, long second, long third, long fourth) {
            if (++size * 2 > capacity) {
                resize(capacity * 2);
            }
            write(slot(first, second), rows.add(first, second, third, fourth) + 1);
        }

        /** Does nothing when the pair is not there. */
        void remove(long first, long second) {
            int slot = slot(first, second);
            if (entry(slot) == EMPTY) {
                return;
            }
            rows.remove(entry(slot) - 1);
            close(slot);
            if (--size * 8 < capacity && capacity > SMALLEST) {
                resize(capacity / 2);
            }
        }

        /** Moves those behind a slot that goes to where a look-up finds them, until one is free (Knuth, 6.4, algorithm R). */
        private void close(int gone) {
            int hole = gone;
            int slot = hole + 1 & capacity - 1;
            while (entry(slot) != EMPTY) {
                int home = home(slot);
                boolean between = hole < slot ? hole < home && home <= slot : hole < home || home <= slot;
                if (!between) {
                    write(hole, entry(slot));
                    hole = slot;
                }
                slot = slot + 1 & capacity - 1;
            }
            write(hole, EMPTY);
        }

        private int home(int slot) {
            int row = entry(slot) - 1;
            return PairIndex.home(rows.get(row, 0), rows.get(row, 1), shift(capacity));
        }

        private void resize(int newCapacity) {
            int[][] before = pages;
            reset(newCapacity);
            for (int[] page : before) {
                for (int entry : page) {
                    if (entry != EMPTY) {
                        write(slot(rows.get(entry - 1, 0), rows.get(entry - 1, 1)), entry);
                    }
                }
            }
        }

        /** The slot of the pair, or the free one where it would be. */
        private int slot(long first, long second) {
            int slot = PairIndex.home(first, second, shift(capacity));
            while (entry(slot) != EMPTY && !rows.is(entry(slot) - 1, first, second)) {
                slot = slot + 1 & capacity - 1;
            }
            return slot;
        }

        private int entry(int slot) {
            return pages[slot >>> PAGE_BITS][slot & PAGE - 1];
        }

        private void write(int slot, int entry) {
            int number = slot >>> PAGE_BITS;
            if (!own[number]) {
                pages[number] = pages[number].clone();
                own[number] = true;
            }
            pages[number][slot & PAGE - 1] = entry;
            last = null;
        }

        /** The same object while no pair comes or goes. */
        PairIndex snapshot() {
            if (last == null) {
                last = new PairIndex(pages.clone(), capacity);
                Arrays.fill(own, false);
            }
            return last;
        }
    }
}
