package dev.weft.dpdk.table;

import java.util.Arrays;

/**
 * An immutable map from a pair of longs to an index: a network and a MAC, the halves of an address. Open addressing, at most
 * half full, so a look-up that finds nothing ends soon too. Any thread may read.
 */
public final class PairMap {

    /** What {@link #get} says of a pair that is not in the map. */
    public static final int NONE = -1;

    private static final int SMALLEST = 8;
    /** 2^64 divided by the golden ratio: spreads keys that differ in few bits (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long[] first;
    private final long[] second;
    private final int[] value;
    private final int shift;

    private PairMap(int capacity) {
        first = new long[capacity];
        second = new long[capacity];
        value = new int[capacity];
        Arrays.fill(value, NONE);
        shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
    }

    /** The index, or {@link #NONE}. */
    public int get(long a, long b) {
        int slot = slot(a, b);
        while (value[slot] != NONE && (second[slot] != b || first[slot] != a)) {
            slot = slot + 1 & value.length - 1;
        }
        return value[slot];
    }

    private int slot(long a, long b) {
        return (int) ((b ^ Long.rotateLeft(a * GOLDEN, Integer.SIZE)) * GOLDEN >>> shift);
    }

    /** Collects the pairs of a map. */
    public static final class Builder {
        private PairMap map = new PairMap(SMALLEST);
        private int size;

        /** Puts a pair; one that is there already keeps the index it has. */
        public Builder put(long a, long b, int index) {
            if (index < 0) {
                throw new IllegalArgumentException("an index is not negative, found " + index);
            }
            if (map.get(a, b) == NONE) {
                if (++size * 2 > map.value.length) {
                    grow();
                }
                insert(map, a, b, index);
            }
            return this;
        }

        private void grow() {
            PairMap grown = new PairMap(map.value.length * 2);
            for (int slot = 0; slot < map.value.length; slot++) {
                if (map.value[slot] != NONE) {
                    insert(grown, map.first[slot], map.second[slot], map.value[slot]);
                }
            }
            map = grown;
        }

        private static void insert(PairMap into, long a, long b, int index) {
            int slot = into.slot(a, b);
            while (into.value[slot] != NONE) {
                slot = slot + 1 & into.value.length - 1;
            }
            into.first[slot] = a;
            into.second[slot] = b;
            into.value[slot] = index;
        }

        /** The map; the builder is of no more use. */
        public PairMap build() {
            PairMap built = map;
            map = null;
            return built;
        }
    }
}
