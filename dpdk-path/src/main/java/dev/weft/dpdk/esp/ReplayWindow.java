package dev.weft.dpdk.esp;

import java.util.Arrays;

/**
 * Which extended sequence numbers of an SA were there (RFC 4303, 3.4.3 and appendix A2). A ring of bits twice as long as the window,
 * so that moving it on clears whole words (RFC 6479). Owned by the poller's thread.
 *
 * <pre>
 *            top - SIZE            top
 *   ----------|---------------------|----------> sequence
 *    refused     once each, by bit     new: moves the window
 * </pre>
 */
public final class ReplayWindow {

    /** Sequence numbers that may come in any order. */
    public static final int SIZE = 4096;

    private static final int BITS = 2 * SIZE;
    private static final int WORD_SHIFT = 6;
    private static final int WORDS = BITS >>> WORD_SHIFT;
    private static final long LOW = 0xffff_ffffL;

    private final long[] seen = new long[WORDS];
    private long top;

    /** @param received all up to this sequence number were there; 0: none yet */
    public ReplayWindow(long received) {
        top = received;
        if (received > 0) {
            Arrays.fill(seen, -1);
            seen[word(received)] = -1L >>> Long.SIZE - 1 - (received & Long.SIZE - 1);
        }
    }

    private static int word(long sequence) {
        return (int) (sequence >>> WORD_SHIFT) & WORDS - 1;
    }

    /** The highest one that was there; 0: none. */
    public long top() {
        return top;
    }

    /**
     * The extended sequence number that the low half on the wire stands for: the one nearest to the window (RFC 4303, A2.2). Not
     * positive when it can only be one before the first.
     */
    public long extended(int low) {
        long high = top >>> Integer.SIZE;
        long left = (top & LOW) - SIZE + 1;
        long value = low & LOW;
        if (left >= 0) {
            high += value >= left ? 0 : 1;
        } else {
            high -= value >= (left & LOW) ? 1 : 0;
        }
        return high << Integer.SIZE | value;
    }

    /** Whether it may still come; changes nothing. */
    public boolean isNew(long sequence) {
        if (sequence > top) {
            return true;
        }
        return sequence > 0 && sequence > top - SIZE && (seen[word(sequence)] & 1L << sequence) == 0;
    }

    /**
     * Takes those whose packets are authentic, in the order of their slots.
     *
     * @param slots a bit for each
     * @return a bit for each that may not come (any more)
     */
    public long take(long[] sequences, long slots) {
        long refused = 0;
        long rest = slots;
        do {
            rest = follow(sequences, rest);
            if (rest != 0 && !take(sequences[Long.numberOfTrailingZeros(rest)])) {
                refused |= Long.lowestOneBit(rest);
            }
            rest &= rest - 1;
        } while (rest != 0);
        return refused;
    }

    /** Takes those that come one above the other and in one word, as most do, with both in registers. @return a bit for each slot that is left */
    private long follow(long[] sequences, long slots) {
        long highest = top;
        int word = word(highest);
        long bits = seen[word];
        long rest = slots;
        while (rest != 0) {
            long sequence = sequences[Long.numberOfTrailingZeros(rest)];
            if (sequence <= highest || sequence >>> WORD_SHIFT != highest >>> WORD_SHIFT) {
                break;
            }
            bits |= 1L << sequence;
            highest = sequence;
            rest &= rest - 1;
        }
        seen[word] = bits;
        top = highest;
        return rest;
    }

    /** Takes one whose packet is authentic. @return false when it may not come (any more) */
    public boolean take(long sequence) {
        if (!isNew(sequence)) {
            return false;
        }
        if (sequence > top) {
            long steps = Math.min((sequence >>> WORD_SHIFT) - (top >>> WORD_SHIFT), WORDS);
            for (long step = 0; step < steps; step++) {
                seen[word(sequence - (step << WORD_SHIFT))] = 0;
            }
            top = sequence;
        }
        seen[word(sequence)] |= 1L << sequence;
        return true;
    }
}
