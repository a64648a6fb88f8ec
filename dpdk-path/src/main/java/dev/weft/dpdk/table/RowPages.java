package dev.weft.dpdk.table;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Rows of four longs by index: a pair that is looked up, and two columns of what is known of it. Immutable; shares with the one it was
 * made from the pages that no change has touched. A row is half a cache line. Any thread may read.
 */
final class RowPages {

    static final int THIRD = 2;
    static final int FOURTH = 3;
    private static final int COLUMNS = 4;
    private static final int PAGE_BITS = 7;
    private static final int PAGE = 1 << PAGE_BITS;

    private final long[][] pages;

    private RowPages(long[][] pages) {
        this.pages = pages;
    }

    /** @param column {@link #THIRD}, {@link #FOURTH}, or of the pair 0 or 1 */
    long get(int row, int column) {
        return get(pages, row, column);
    }

    boolean is(int row, long first, long second) {
        return is(pages, row, first, second);
    }

    private static long get(long[][] pages, int row, int column) {
        return pages[row >>> PAGE_BITS][(row & PAGE - 1) * COLUMNS + column];
    }

    private static boolean is(long[][] pages, int row, long first, long second) {
        long[] page = pages[row >>> PAGE_BITS];
        int at = (row & PAGE - 1) * COLUMNS;
        return page[at + 1] == second && page[at] == first;
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
            page[at + THIRD] = third;
            page[at + FOURTH] = fourth;
            return row;
        }

        void set(int row, long third, long fourth) {
            if (get(row, THIRD) != third || get(row, FOURTH) != fourth) {
                long[] page = ownPage(row >>> PAGE_BITS);
                int at = (row & PAGE - 1) * COLUMNS;
                page[at + THIRD] = third;
                page[at + FOURTH] = fourth;
            }
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

        long get(int row, int column) {
            return RowPages.get(pages, row, column);
        }

        boolean is(int row, long first, long second) {
            return RowPages.is(pages, row, first, second);
        }

        /** The same object while nothing changes. */
        RowPages snapshot() {
            if (last == null) {
                last = new RowPages(pages.clone());
                Arrays.fill(own, false);
            }
            return last;
        }
    }
}
