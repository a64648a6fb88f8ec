package dev.weft.dpdk.service;

/**
 * Flows and what their packets' address becomes. Fixed in size, so it can neither grow nor allocate: a flow has its place in one
 * set of {@link #WAYS} slots, chosen by its hash, and expired flows are overwritten there. One owner thread.
 *
 * <pre>
 *   (none) -- put --> live -- expireAt --> live -- time runs out --> expired, the same as none
 * </pre>
 */
public final class FlowTable {

    /** What {@link #find} and {@link #put} say when there is no such slot. */
    public static final int NONE = -1;

    /** At a quarter full, fewer than one set in a million overflows. */
    private static final int WAYS = 16;
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final long[] tuple;
    private final long[] sourceHigh;
    private final long[] sourceLow;
    private final long[] destinationHigh;
    private final long[] destinationLow;
    private final long[] translatedHigh;
    private final long[] translatedLow;
    private final int[] expires;
    private final boolean[] closing;
    private final int sets;

    /** @param capacity slots: a power of two, 16 or more */
    public FlowTable(int capacity) {
        if (Integer.bitCount(capacity) != 1 || capacity < WAYS) {
            throw new IllegalArgumentException("a flow table has a power of two of slots, " + WAYS + " or more; asked for " + capacity);
        }
        sets = capacity / WAYS;
        tuple = new long[capacity];
        sourceHigh = new long[capacity];
        sourceLow = new long[capacity];
        destinationHigh = new long[capacity];
        destinationLow = new long[capacity];
        translatedHigh = new long[capacity];
        translatedLow = new long[capacity];
        expires = new int[capacity];
        closing = new boolean[capacity];
        java.util.Arrays.fill(expires, Integer.MIN_VALUE);
    }

    /** Packs what identifies a flow besides its addresses. VNIs have 24 bits, so all fits: the VNI outlives a snapshot, its index not. */
    public static long tuple(int vni, int protocol, int sourcePort, int destinationPort) {
        return (long) (vni << 8 | protocol) << 32 | (long) sourcePort << 16 | destinationPort;
    }

    /** The slot of a live flow, or {@link #NONE}. @param now seconds */
    public int find(long key, long srcHigh, long srcLow, long dstHigh, long dstLow, int now) {
        int first = set(key, srcHigh, srcLow, dstHigh, dstLow);
        for (int slot = first; slot < first + WAYS; slot++) {
            if (destinationLow[slot] == dstLow && sourceLow[slot] == srcLow && tuple[slot] == key && sourceHigh[slot] == srcHigh
                    && destinationHigh[slot] == dstHigh && expires[slot] > now) {
                return slot;
            }
        }
        return NONE;
    }

    /**
     * Puts a flow, over an expired one or itself.
     *
     * @param until the second at which it expires
     * @return its slot, or {@link #NONE} when all slots of its set have live flows
     */
    public int put(long key, long srcHigh, long srcLow, long dstHigh, long dstLow, long toHigh, long toLow, int now, int until) {
        int slot = find(key, srcHigh, srcLow, dstHigh, dstLow, now);
        if (slot == NONE) {
            slot = expired(set(key, srcHigh, srcLow, dstHigh, dstLow), now);
        }
        if (slot != NONE) {
            tuple[slot] = key;
            sourceHigh[slot] = srcHigh;
            sourceLow[slot] = srcLow;
            destinationHigh[slot] = dstHigh;
            destinationLow[slot] = dstLow;
            translatedHigh[slot] = toHigh;
            translatedLow[slot] = toLow;
            expires[slot] = until;
            closing[slot] = false;
        }
        return slot;
    }

    private int expired(int first, int now) {
        for (int slot = first; slot < first + WAYS; slot++) {
            if (expires[slot] <= now) {
                return slot;
            }
        }
        return NONE;
    }

    public long translatedHigh(int slot) {
        return translatedHigh[slot];
    }

    public long translatedLow(int slot) {
        return translatedLow[slot];
    }

    /** True once a side has said that it will send no more. */
    public boolean isClosing(int slot) {
        return closing[slot];
    }

    public void closing(int slot, boolean value) {
        closing[slot] = value;
    }

    public int expires(int slot) {
        return expires[slot];
    }

    /** Lets a flow live until that second. */
    public void expireAt(int slot, int until) {
        expires[slot] = until;
    }

    private int set(long key, long srcHigh, long srcLow, long dstHigh, long dstLow) {
        long hash = key * GOLDEN;
        hash = (hash ^ hash >>> 32 ^ srcHigh) * GOLDEN;
        hash = (hash ^ hash >>> 32 ^ srcLow) * GOLDEN;
        hash = (hash ^ hash >>> 32 ^ dstHigh) * GOLDEN;
        hash = (hash ^ hash >>> 32 ^ dstLow) * GOLDEN;
        return (int) ((hash >>> 32) * sets >>> 32) * WAYS;
    }
}
