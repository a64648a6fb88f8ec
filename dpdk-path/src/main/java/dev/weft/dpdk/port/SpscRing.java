package dev.weft.dpdk.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A bounded queue of pairs of longs from one thread to one other, without a lock. The producer alone calls {@link #offer},
 * {@link #room} and {@link #isFull}, the consumer alone the rest. Each side keeps what it saw last of the other's sequence, and looks again only
 * when that says full or empty; so the two seldom meet in a cache line.
 */
final class SpscRing {

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Sequences lie 128 bytes apart from each other and from the ends: a cache line and the one fetched along with it. */
    private static final int PRODUCED = 16;
    private static final int CONSUMED_SEEN = PRODUCED + 1;
    private static final int CONSUMED = 32;
    private static final int PRODUCED_SEEN = CONSUMED + 1;
    private static final int SEQUENCES = 48;

    private final long[] sequences = new long[SEQUENCES];
    private final long[] pairs;
    private final int capacity;

    /** @param capacity a power of two */
    SpscRing(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("a ring's capacity is a power of two, found " + capacity);
        }
        this.capacity = capacity;
        pairs = new long[2 * capacity];
    }

    boolean isFull() {
        return sequences[PRODUCED] - sequences[CONSUMED_SEEN] == capacity && room() == 0;
    }

    /** How many pairs can be offered now. */
    int room() {
        sequences[CONSUMED_SEEN] = (long) LONGS.getAcquire(sequences, CONSUMED);
        return capacity - (int) (sequences[PRODUCED] - sequences[CONSUMED_SEEN]);
    }

    /** @return false when the ring is full */
    boolean offer(long first, long second) {
        if (isFull()) {
            return false;
        }
        long sequence = sequences[PRODUCED];
        int at = at(sequence);
        pairs[at] = first;
        pairs[at + 1] = second;
        LONGS.setRelease(sequences, PRODUCED, sequence + 1);
        return true;
    }

    boolean isEmpty() {
        if (sequences[CONSUMED] != sequences[PRODUCED_SEEN]) {
            return false;
        }
        sequences[PRODUCED_SEEN] = (long) LONGS.getAcquire(sequences, PRODUCED);
        return sequences[CONSUMED] == sequences[PRODUCED_SEEN];
    }

    /** Of the oldest pair; the ring is not empty. */
    long first() {
        return pairs[at(sequences[CONSUMED])];
    }

    long second() {
        return pairs[at(sequences[CONSUMED]) + 1];
    }

    /** Done with the oldest pair. */
    void advance() {
        LONGS.setRelease(sequences, CONSUMED, sequences[CONSUMED] + 1);
    }

    private int at(long sequence) {
        return 2 * (int) (sequence & capacity - 1);
    }
}
