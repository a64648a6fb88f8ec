package dev.weft.dpdk.table;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Rows of four longs by index, immutable. Like {@link PairMap} it shares the pages that no change has touched. Any thread may read.
 */
final class RowPages {

    static final int COLUMNS = 4;
    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;

    private final long[][] pages;

    private RowPages(long[][] pages) {
        this.pages = pages;
    }

    long get(int row, int column) {
        return pages[row >>> PAGE_BITS][(row & PAGE - 1) * COLUMNS + column];
    }

    /** Changes rows and takes snapshots of them. A row that was removed has its index given again. One thread at a time. */
    static final class Editor {
        private long[][] pages = {};
        /** Whether no snapshot has the page. */
        private boolean[] own = {};
        private final BitSet taken = new BitSet();
        private int lowestFree;
        private RowPages last = new RowPages(pages);

        /** @return the index of the new row */
        int add(long first, long second, long third, long fourth) {
            int row = taken.nextClearBit(lowestFree);
            lowestFree = row + 1;
            taken.set(row);
            int number = row >>> PAGE_BITS;
            if (number == pages.length) {
                pages = Arrays.copyOf(pages, number + 1);
                own = Arrays.copyOf(own, number + 1);
                pages[number] = new long[PAGE * COLUMNS];
                own[number] = true;
            }
            long[] page = ownPage(number);
            int at = (row & PAGE - 1) * COLUMNS;
            page[at] = first;
            page[at + 1] = second;
            page[at + 2] = third;
            page[at + 3] = fourth;
            return row;
        }

        private long[] ownPage(int number) {
            if (!own[number]) {
                pages[number] = pages[number].clone();
                own[number] = true;
            }
            last = null;
            return pages[number];
        }

        /** The row stays readable until its index is given again. */
        void remove(int row) {
            taken.clear(row);
            lowestFree = Math.min(lowestFree, row);
        }

        RowPages snapshot() {
            if (last == null) {
                last = new RowPages(pages.clone());
                Arrays.fill(own, false);
            }
            return last;
        }
    }
}
