package dev.weft.dpdk.table;

import java.util.Arrays;

/**
 * An immutable map from a pair of longs to an index; shares with the one it was made from the pages that no change has touched. Any thread
 * may read.
 *
 * <p>Open addressing, at most half full, so a look-up that finds nothing ends soon too. A slot is half a cache line and has all that a
 * look-up reads: it is a hash, a page's pointer and mostly one line. ({@link PairIndex} has rows apart, which keep their number.)
 *
 * <pre>
 *   pages --> [ first second value - | first second value - | ... ]   256 slots
 *         --> [ ... ]
 * </pre>
 */
public final class PairMap {

    /** What {@link #get} says of a pair that is not in the map. */
    public static final int NONE = PairIndex.NONE;

    private static final int SMALLEST = 8;
    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final int SLOT_BITS = 2;
    private static final int SLOT = 1 << SLOT_BITS;
    private static final int VALUE = 2;
    /** Slots have the value and one, so that a new page is empty. */
    private static final int EMPTY = 0;
    /** 64 kB, of which the processor's nearest caches have most. */
    private static final int FEW_PAGES = 8;

    private final long[][] pages;
    private final int mask;
    private final int shift;

    private PairMap(long[][] pages, int capacity) {
        this.pages = pages;
        mask = capacity - 1;
        shift = PairIndex.shift(capacity);
    }

    /** The index, or {@link #NONE}. */
    public int get(long first, long second) {
        int slot = PairIndex.home(first, second, shift);
        while (true) {
            long[] page = pages[slot >>> PAGE_BITS];
            int at = (slot & PAGE - 1) << SLOT_BITS;
            long value = page[at + VALUE];
            if (value == EMPTY || page[at + 1] == second && page[at] == first) {
                return (int) value - 1;
            }
            slot = slot + 1 & mask;
        }
    }

    /** Whether a look-up mostly waits for memory: who has several to do touches all pairs first, and the processor waits for them together. */
    public boolean isLarge() {
        return pages.length > FEW_PAGES;
    }

    /** Where a look-up of the pair begins, for {@link #touch}. */
    public int home(long first, long second) {
        return PairIndex.home(first, second, shift);
    }

    /**
     * Has the cache fetch what {@link #get} reads first. A loop that does nothing else: the fewer instructions there are between two reads, the
     * more of them are under way.
     *
     * @return something of it, so that the reads are done: not to be used
     */
    public long touch(int[] homes, int count) {
        long read = 0;
        for (int n = 0; n < count; n++) {
            long[] page = pages[homes[n] >>> PAGE_BITS];
            int at = (homes[n] & PAGE - 1) << SLOT_BITS;
            read ^= page[at] ^ page[at + VALUE]; // of two lines now and then, as arrays do not begin with one
        }
        return read;
    }

    /**
     * Changes a map and takes snapshots of it, which share what does not change. A map that grows or shrinks is made anew, which each of the
     * changes before has paid for. One thread at a time.
     */
    public static final class Editor {
        private long[][] pages;
        /** Whether no snapshot has the page. */
        private boolean[] own;
        private int capacity;
        private int size;
        private PairMap last;

        public Editor() {
            reset(SMALLEST);
        }

        private void reset(int newCapacity) {
            capacity = newCapacity;
            pages = new long[(capacity + PAGE - 1) / PAGE][Math.min(capacity, PAGE) * SLOT];
            own = new boolean[pages.length];
            Arrays.fill(own, true);
            last = null;
        }

        /** The index, or {@link #NONE}. */
        public int get(long first, long second) {
            return (int) column(slot(first, second), VALUE) - 1;
        }

        /** Puts a pair, or gives it another index. */
        public Editor put(long first, long second, int value) {
            if (value < 0) {
                throw new IllegalArgumentException("an index is not negative, found " + value);
            }
            int slot = slot(first, second);
            if (column(slot, VALUE) == EMPTY) {
                if (++size * 2 > capacity) {
                    resize(capacity * 2);
                    slot = slot(first, second);
                }
                write(slot, first, second, value + 1L);
            } else if (column(slot, VALUE) != value + 1L) {
                write(slot, first, second, value + 1L);
            }
            return this;
        }

        /** Does nothing when the pair is not there. */
        public Editor remove(long first, long second) {
            int slot = slot(first, second);
            if (column(slot, VALUE) != EMPTY) {
                close(slot);
                if (--size * 8 < capacity && capacity > SMALLEST) {
                    resize(capacity / 2);
                }
            }
            return this;
        }

        /** Moves those behind a slot that goes to where a look-up finds them, until one is free (Knuth, 6.4, algorithm R). */
        private void close(int gone) {
            int hole = gone;
            int slot = hole + 1 & capacity - 1;
            while (column(slot, VALUE) != EMPTY) {
                int home = PairIndex.home(column(slot, 0), column(slot, 1), PairIndex.shift(capacity));
                boolean between = hole < slot ? hole < home && home <= slot : hole < home || home <= slot;
                if (!between) {
                    write(hole, column(slot, 0), column(slot, 1), column(slot, VALUE));
                    hole = slot;
                }
                slot = slot + 1 & capacity - 1;
            }
            write(hole, 0, 0, EMPTY);
        }

        private void resize(int newCapacity) {
            long[][] before = pages;
            reset(newCapacity);
            for (long[] page : before) {
                for (int at = 0; at < page.length; at += SLOT) {
                    if (page[at + VALUE] != EMPTY) {
                        write(slot(page[at], page[at + 1]), page[at], page[at + 1], page[at + VALUE]);
                    }
                }
            }
        }

        /** The slot of the pair, or the free one where it would be. */
        private int slot(long first, long second) {
            int slot = PairIndex.home(first, second, PairIndex.shift(capacity));
            while (column(slot, VALUE) != EMPTY && (column(slot, 0) != first || column(slot, 1) != second)) {
                slot = slot + 1 & capacity - 1;
            }
            return slot;
        }

        private long column(int slot, int column) {
            return pages[slot >>> PAGE_BITS][((slot & PAGE - 1) << SLOT_BITS) + column];
        }

        private void write(int slot, long first, long second, long value) {
            int number = slot >>> PAGE_BITS;
            if (!own[number]) {
                pages[number] = pages[number].clone();
                own[number] = true;
            }
            int at = (slot & PAGE - 1) << SLOT_BITS;
            pages[number][at] = first;
            pages[number][at + 1] = second;
            pages[number][at + VALUE] = value;
            last = null;
        }

        public int size() {
            return size;
        }

        /** The map as it is now; the same object while nothing changes. */
        public PairMap snapshot() {
            if (last == null) {
                last = new PairMap(pages.clone(), capacity);
                Arrays.fill(own, false);
            }
            return last;
        }
    }
}
