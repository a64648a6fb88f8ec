package dev.weft.dpdk.service;

import dev.weft.dpdk.table.LiveFlows;

/**
 * The flows to VIPs, each found from both of its sides: by client and VIP, and by backend and client. Fixed in size, so it can neither
 * grow nor allocate. One owner thread.
 *
 * <p>A flow is one record of 64 bytes, a cache line. Both sides' keys lead there by one index of buckets of 16 numbers, a cache line
 * each: a look-up touches two lines, however many flows there are. An entry of the index has some bits of the hash, so that a wrong
 * record is seldom touched.
 *
 * <pre>
 *   (none) -- put --> live -- time runs out --> expired, the same as none -- sweep, or put needs the place --> (none)
 *                      | remove                                                                                  ^
 *                      +-----------------------------------------------------------------------------------------+
 * </pre>
 */
public final class FlowTable {

    /** What says that there is no such flow. */
    public static final int NONE = -1;
    public static final int MAX_CAPACITY = 1 << 21;
    /** So many flows are in no near cache: from here on it is faster to prefetch ({@code ./weft bench FlowTable}). */
    public static final int WORTH_PREFETCHING = 1 << 14;

    /** With four places for each key, fewer than one bucket in a million overflows. */
    private static final int BUCKET = 16;
    private static final int PLACES_OF_A_FLOW = 8;
    private static final int TAG_SHIFT = 22;
    private static final int NUMBER_MASK = (1 << TAG_SHIFT) - 1;
    /** An array begins with a header of 16 bytes; a large one at a cache line. */
    private static final int FIRST_LONG = 6;
    private static final int FIRST_INT = 12;

    private static final int LONGS = 8;
    private static final int TUPLE = 0;
    private static final int CLIENT = 1;
    private static final int VIP = 3;
    private static final int BACKEND = 5;
    /** The second at which it ends in the high half; its backend's position and, in the last eight bits, its state in the low one. */
    private static final int LIFE = 7;
    private static final int STATE_BITS = 8;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;

    /** When a record ends that has no flow. */
    private static final int NOBODY = Integer.MIN_VALUE;

    private static final long TUPLE_FACTOR = 0x9e37_79b9_7f4a_7c15L;
    private static final long SOURCE_FACTOR = 0xbf58_476d_1ce4_e5b9L;
    private static final long DESTINATION_FACTOR = 0x94d0_49bb_1331_11ebL;

    private final long[] records;
    private final LiveFlows[] counters;
    private final int[] index;
    private final int buckets;
    private final int[] free;
    private int freeCount;
    private int swept;
    @SuppressWarnings("unused") // keeps the compiler from leaving out what prefetch reads
    private long prefetched;

    /** @param capacity flows: a power of two, 16 to {@link #MAX_CAPACITY} */
    public FlowTable(int capacity) {
        if (Integer.bitCount(capacity) != 1 || capacity < BUCKET || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("a flow table has room for a power of two of flows, " + BUCKET + " to " + MAX_CAPACITY
                    + "; asked for " + capacity);
        }
        records = new long[FIRST_LONG + LONGS * capacity];
        counters = new LiveFlows[capacity];
        index = new int[FIRST_INT + PLACES_OF_A_FLOW * capacity];
        buckets = PLACES_OF_A_FLOW * capacity / BUCKET;
        free = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            free[freeCount++] = capacity - 1 - i;
            setLife(i, 0, FlowState.CLOSED, NOBODY);
        }
    }

    /** Packs what identifies a flow besides its addresses. VNIs have 24 bits, so all fits: the VNI outlives a snapshot, its index not. */
    public static long tuple(int vni, int protocol, int clientPort, int servicePort) {
        return (long) (vni << 8 | protocol) << 32 | (long) clientPort << 16 | servicePort;
    }

    public int size() {
        return free.length - freeCount;
    }

    /** The live flow of a client to a VIP, or {@link #NONE}. @param now seconds */
    public int find(long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, int now) {
        return alive(locate(tuple, clientHigh, clientLow, vipHigh, vipLow, CLIENT, VIP), now);
    }

    /** The live flow that a backend answers in, or {@link #NONE}. @param tuple that of the client's packets */
    public int findReply(long tuple, long backendHigh, long backendLow, long clientHigh, long clientLow, int now) {
        return alive(locate(tuple, backendHigh, backendLow, clientHigh, clientLow, BACKEND, CLIENT), now);
    }

    /** What a key is found by. */
    public static long hash(long tuple, long srcHigh, long srcLow, long dstHigh, long dstLow) {
        long hash = tuple * TUPLE_FACTOR ^ (Long.rotateLeft(srcHigh, 29) ^ srcLow) * SOURCE_FACTOR
                ^ Long.rotateLeft((Long.rotateLeft(dstHigh, 29) ^ dstLow) * DESTINATION_FACTOR, 31);
        hash = (hash ^ hash >>> 32) * TUPLE_FACTOR;
        return hash ^ hash >>> 29;
    }

    /** Whether there are so many flows that looking for them one after the other would wait for memory. */
    public boolean isWorthPrefetching() {
        return size() >= WORTH_PREFETCHING;
    }

    /**
     * Reads what look-ups that come next will read: all of the index first, then the records, so that the processor waits for many lines
     * at a time and not for each of them. A hint and no more: what is found is decided by the look-ups.
     *
     * @param hashes of the keys
     * @param which  a bit for each hash that counts
     */
    public void prefetch(long[] hashes, long which) {
        long read = 0;
        for (long rest = which; rest != 0; rest &= rest - 1) {
            read += index[bucket(hashes[Long.numberOfTrailingZeros(rest)])];
        }
        for (long rest = which; rest != 0; rest &= rest - 1) {
            long hash = hashes[Long.numberOfTrailingZeros(rest)];
            int tag = tag(hash);
            int place = bucket(hash);
            int last = place + BUCKET - 1;
            while (place < last && index[place] != 0 && (index[place] ^ tag) >>> TAG_SHIFT != 0) {
                place++;
            }
            if (index[place] != 0) {
                read += records[at((index[place] & NUMBER_MASK) - 1)];
            }
        }
        prefetched = read;
    }

    private int alive(int flow, int now) {
        return flow == NONE || expires(flow) <= now ? NONE : flow;
    }

    /** @param source which address of a record has to be the first one, @param destination and which the second */
    private int locate(long tuple, long srcHigh, long srcLow, long dstHigh, long dstLow, int source, int destination) {
        long hash = hash(tuple, srcHigh, srcLow, dstHigh, dstLow);
        int tag = tag(hash);
        int first = bucket(hash);
        for (int place = first; place < first + BUCKET && index[place] != 0; place++) {
            if ((index[place] ^ tag) >>> TAG_SHIFT == 0) {
                int at = at((index[place] & NUMBER_MASK) - 1);
                if (records[at + destination + 1] == dstLow && records[at + source + 1] == srcLow && records[at] == tuple
                        && records[at + source] == srcHigh && records[at + destination] == dstHigh) {
                    return (index[place] & NUMBER_MASK) - 1;
                }
            }
        }
        return NONE;
    }

    /**
     * Puts a flow that is not there (expired ones are not).
     *
     * @param counted where it is counted while it lives
     * @return the flow, or {@link #NONE} when no place can be had
     */
    public int put(long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, long backendHigh, long backendLow, int state,
                   LiveFlows counted, int now) {
        removeIfThere(locate(tuple, clientHigh, clientLow, vipHigh, vipLow, CLIENT, VIP));
        removeIfThere(locate(tuple, backendHigh, backendLow, clientHigh, clientLow, BACKEND, CLIENT));
        long towards = hash(tuple, clientHigh, clientLow, vipHigh, vipLow);
        long back = hash(tuple, backendHigh, backendLow, clientHigh, clientLow);
        if (!makeRoom(bucket(towards), now) || !makeRoom(bucket(back), now) || freeCount == 0 && !evict(bucket(towards), now)) {
            return NONE;
        }
        int flow = free[--freeCount];
        int at = at(flow);
        records[at + TUPLE] = tuple;
        records[at + CLIENT] = clientHigh;
        records[at + CLIENT + 1] = clientLow;
        records[at + VIP] = vipHigh;
        records[at + VIP + 1] = vipLow;
        records[at + BACKEND] = backendHigh;
        records[at + BACKEND + 1] = backendLow;
        setLife(flow, 0, state, now + FlowState.lifetime(state));
        counters[flow] = counted;
        counted.begun();
        enter(towards, flow);
        enter(back, flow);
        return flow;
    }

    private void removeIfThere(int flow) {
        if (flow != NONE) {
            remove(flow);
        }
    }

    /** Both keys of one flow may fall into one bucket, hence two places. */
    private boolean makeRoom(int first, int now) {
        while (index[first + BUCKET - 2] != 0) {
            if (!evict(first, now)) {
                return false;
            }
        }
        return true;
    }

    /** Removes the flow of a bucket whose place is the easiest to give away. @return false when all have to stay */
    private boolean evict(int first, int now) {
        int chosen = NONE;
        int since = now + 1;
        for (int place = first; place < first + BUCKET && index[place] != 0; place++) {
            int flow = (index[place] & NUMBER_MASK) - 1;
            int yields = expires(flow) - FlowState.spare(state(flow));
            if (yields < since) {
                since = yields;
                chosen = flow;
            }
        }
        removeIfThere(chosen);
        return chosen != NONE;
    }

    private void enter(long hash, int flow) {
        int place = bucket(hash);
        while (index[place] != 0) {
            place++;
        }
        index[place] = tag(hash) | flow + 1;
    }

    /** Forgets a flow. */
    public void remove(int flow) {
        int at = at(flow);
        leave(hash(records[at], records[at + CLIENT], records[at + CLIENT + 1], records[at + VIP], records[at + VIP + 1]), flow);
        leave(hash(records[at], records[at + BACKEND], records[at + BACKEND + 1], records[at + CLIENT], records[at + CLIENT + 1]), flow);
        uncount(flow);
        setLife(flow, 0, FlowState.CLOSED, NOBODY);
        free[freeCount++] = flow;
    }

    /** The last entry of the bucket takes the place, so that a search ends at the first one that is empty. */
    private void leave(long hash, int flow) {
        int first = bucket(hash);
        int found = first;
        while (index[found] != (tag(hash) | flow + 1)) {
            found++;
        }
        int last = found;
        while (last + 1 < first + BUCKET && index[last + 1] != 0) {
            last++;
        }
        index[found] = index[last];
        index[last] = 0;
    }

    private void uncount(int flow) {
        if (counters[flow] != null) {
            counters[flow].ended();
            counters[flow] = null;
        }
    }

    /** Gives the places of expired flows back, going round. @param steps how many places are looked at */
    public void sweep(int steps, int now) {
        for (int i = 0; i < steps; i++) {
            swept = swept + 1 & free.length - 1;
            int expires = expires(swept);
            if (expires != NOBODY && expires <= now) {
                remove(swept);
            }
        }
    }

    public long vipHigh(int flow) {
        return records[at(flow) + VIP];
    }

    public long vipLow(int flow) {
        return records[at(flow) + VIP + 1];
    }

    public long backendHigh(int flow) {
        return records[at(flow) + BACKEND];
    }

    public long backendLow(int flow) {
        return records[at(flow) + BACKEND + 1];
    }

    /** One of {@link FlowState}. */
    public int state(int flow) {
        return (int) records[at(flow) + LIFE] & STATE_MASK;
    }

    /** What {@link #position(int, int)} said last, 0 at first. */
    public int position(int flow) {
        return (int) records[at(flow) + LIFE] >>> STATE_BITS;
    }

    /** Remembers where the flow's backend is to be looked for. @param position below 2^24 */
    public void position(int flow, int position) {
        setLife(flow, position, state(flow), expires(flow));
    }

    /** The second at which it ends. */
    public int expires(int flow) {
        return (int) (records[at(flow) + LIFE] >> Integer.SIZE);
    }

    /** A packet has been seen: its state and when it ends follow. One that is over counts no more, and lives on for no packet. */
    public void used(int flow, int state, int now) {
        if (state != state(flow) || !FlowState.isOver(state)) {
            setLife(flow, position(flow), state, now + FlowState.lifetime(state));
        }
        if (FlowState.isOver(state)) {
            uncount(flow);
        }
    }

    private void setLife(int flow, int position, int state, int until) {
        int at = at(flow) + LIFE;
        long life = (long) until << Integer.SIZE | (long) position << STATE_BITS | state;
        if (records[at] != life) { // once a second: the line stays clean in between
            records[at] = life;
        }
    }

    private static int at(int flow) {
        return FIRST_LONG + flow * LONGS;
    }

    private int bucket(long hash) {
        return FIRST_INT + (int) ((hash >>> Integer.SIZE) * buckets >>> Integer.SIZE) * BUCKET;
    }

    private static int tag(long hash) {
        return (int) hash << TAG_SHIFT;
    }
}
