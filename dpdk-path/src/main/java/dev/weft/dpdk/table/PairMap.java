package dev.weft.dpdk.table;

import java.util.Arrays;

/**
 * An immutable map from a pair of longs to an index: a network and a MAC, the halves of an address. Any thread may read.
 *
 * <p>Open addressing, at most half full, so a look-up that finds nothing ends soon too. The slots are in pages, of which a map shares
 * with the one it was made from all that no change has touched. A look-up is a hash, a page's pointer and a probe.
 *
 * <pre>
 *   pages --> [ first second value | first second value | ... ]   512 slots
 *         --> [ ... ]
 * </pre>
 */
public final class PairMap {

    /** What {@link #get} says of a pair that is not in the map. */
    public static final int NONE = -1;

    public static final PairMap EMPTY = new Editor().snapshot();

    private static final int SMALLEST = 8;
    private static final int PAGE_BITS = 9;
    private static final int PAGE = 1 << PAGE_BITS;
    /** Longs of a slot: the pair and its index. */
    private static final int SLOT = 3;
    /** 2^64 divided by the golden ratio: spreads keys that differ in few bits (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long[][] pages;
    private final int mask;
    private final int shift;

    private PairMap(long[][] pages, int capacity) {
        this.pages = pages;
        mask = capacity - 1;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
    }

    /** The index, or {@link #NONE}. */
    public int get(long a, long b) {
        int slot = home(a, b, shift);
        while (true) {
            long[] page = pages[slot >>> PAGE_BITS];
            int at = (slot & PAGE - 1) * SLOT;
            long value = page[at + 2];
            if (value == NONE || page[at + 1] == b && page[at] == a) {
                return (int) value;
            }
            slot = slot + 1 & mask;
        }
    }

    private static int home(long a, long b, int shift) {
        return (int) ((b ^ Long.rotateLeft(a * GOLDEN, Integer.SIZE)) * GOLDEN >>> shift);
    }

    /**
     * Changes a map and takes snapshots of it. A snapshot costs a copy of the pages that have changed since the last one, and of the
     * list of pages. A map that grows or shrinks is made anew, which each of the changes before has paid for. One thread at a time.
     */
    public static final class Editor {
        private long[][] pages;
        /** Whether no snapshot has the page. */
        private boolean[] own;
        private int capacity;
        private int shift;
        private int size;
        private PairMap last;

        public Editor() {
            reset(SMALLEST);
        }

        private void reset(int newCapacity) {
            capacity = newCapacity;
            shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
            pages = new long[(capacity + PAGE - 1) / PAGE][Math.min(capacity, PAGE) * SLOT];
            for (long[] page : pages) {
                Arrays.fill(page, NONE);
            }
            own = new boolean[pages.length];
            Arrays.fill(own, true);
            last = null;
        }

        /** The index, or {@link #NONE}. */
        public int get(long a, long b) {
            return (int) value(find(a, b));
        }

        /** Puts a pair, or gives it another index. */
        public Editor put(long a, long b, int index) {
            if (index < 0) {
                throw new IllegalArgumentException("an index is not negative, found " + index);
            }
            int slot = find(a, b);
            if (value(slot) == NONE) {
                if (++size * 2 > capacity) {
                    resize(capacity * 2);
                    slot = find(a, b);
                }
                write(slot, a, b, index);
            } else if (value(slot) != index) {
                write(slot, a, b, index);
            }
            return this;
        }

        /** Does nothing when the pair is not there. */
        public Editor remove(long a, long b) {
            int slot = find(a, b);
            if (value(slot) == NONE) {
                return this;
            }
            close(slot);
            if (--size * 8 < capacity && capacity > SMALLEST) {
                resize(capacity / 2);
            }
            return this;
        }

        /** Moves those behind a slot that goes to where a look-up finds them, until one is free (Knuth, 6.4, algorithm R). */
        private void close(int gone) {
            int hole = gone;
            int slot = hole;
            while (true) {
                slot = slot + 1 & capacity - 1;
                if (value(slot) == NONE) {
                    write(hole, NONE, NONE, NONE);
                    return;
                }
                int home = home(word(slot, 0), word(slot, 1), shift);
                boolean between = hole < slot ? hole < home && home <= slot : hole < home || home <= slot;
                if (!between) {
                    write(hole, word(slot, 0), word(slot, 1), value(slot));
                    hole = slot;
                }
            }
        }

        private void resize(int newCapacity) {
            long[][] before = pages;
            reset(newCapacity);
            for (long[] page : before) {
                for (int at = 0; at < page.length; at += SLOT) {
                    if (page[at + 2] != NONE) {
                        write(find(page[at], page[at + 1]), page[at], page[at + 1], page[at + 2]);
                    }
                }
            }
        }

        /** The slot of the pair, or the free one where it would be. */
        private int find(long a, long b) {
            int slot = home(a, b, shift);
            while (value(slot) != NONE && (word(slot, 1) != b || word(slot, 0) != a)) {
                slot = slot + 1 & capacity - 1;
            }
            return slot;
        }

        private long word(int slot, int word) {
            return pages[slot >>> PAGE_BITS][(slot & PAGE - 1) * SLOT + word];
        }

        private long value(int slot) {
            return word(slot, 2);
        }

        private void write(int slot, long a, long b, long value) {
            int number = slot >>> PAGE_BITS;
            if (!own[number]) {
                pages[number] = pages[number].clone();
                own[number] = true;
            }
            int at = (slot & PAGE - 1) * SLOT;
            pages[number][at] = a;
            pages[number][at + 1] = b;
            pages[number][at + 2] = value;
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
