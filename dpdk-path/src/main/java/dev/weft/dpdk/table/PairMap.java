package dev.weft.dpdk.table;

/** An immutable map from a pair of longs to an index: {@link PairIndex} with rows of its own. Any thread may read. */
public final class PairMap {

    /** What {@link #get} says of a pair that is not in the map. */
    public static final int NONE = PairIndex.NONE;

    private final PairIndex index;
    private final RowPages rows;

    private PairMap(PairIndex index, RowPages rows) {
        this.index = index;
        this.rows = rows;
    }

    /** The index, or {@link #NONE}. */
    public int get(long first, long second) {
        int row = index.find(rows, first, second);
        return row == NONE ? NONE : (int) rows.get(row, RowPages.THIRD);
    }

    /** Changes a map and takes snapshots of it, which share what does not change. One thread at a time. */
    public static final class Editor {
        private final RowPages.Editor rows = new RowPages.Editor();
        private final PairIndex.Editor index = new PairIndex.Editor(rows);
        private PairMap last;

        /** The index, or {@link #NONE}. */
        public int get(long first, long second) {
            int row = index.find(first, second);
            return row == NONE ? NONE : (int) rows.get(row, RowPages.THIRD);
        }

        /** Puts a pair, or gives it another index. */
        public Editor put(long first, long second, int value) {
            if (value < 0) {
                throw new IllegalArgumentException("an index is not negative, found " + value);
            }
            int row = index.find(first, second);
            if (row == NONE) {
                index.add(first, second, value, 0);
            } else {
                rows.set(row, value, 0);
            }
            return this;
        }

        /** Does nothing when the pair is not there. */
        public Editor remove(long first, long second) {
            index.remove(first, second);
            return this;
        }

        public int size() {
            return index.size();
        }

        /** The map as it is now; the same object while nothing changes. */
        public PairMap snapshot() {
            PairIndex indexNow = index.snapshot();
            RowPages rowsNow = rows.snapshot();
            if (last == null || last.index != indexNow || last.rows != rowsNow) {
                last = new PairMap(indexNow, rowsNow);
            }
            return last;
        }
    }
}
