package dev.weft.dpdk.service;

import dev.weft.dpdk.table.LiveFlows;

/**
 * The flows to VIPs, each found from both of its sides: by client and VIP, and by backend and client. Fixed in size, so it can neither
 * grow nor allocate. One owner thread.
 *
 * <p>A flow is one record, a cache line. Both sides' keys lead there by one index, whose buckets are a cache line each: a look-up touches two
 * lines, however many flows there are.
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
    /** So many flows are in no near cache: from here on it is faster to prefetch ({@code ./weft bench jmh FlowTable}). */
    public static final int WORTH_PREFETCHING = 1 << 14;
    private static final int MIN_CAPACITY = 16;

    private static final long TUPLE_FACTOR = 0x9e37_79b9_7f4a_7c15L;
    private static final long SOURCE_FACTOR = 0xbf58_476d_1ce4_e5b9L;
    private static final long DESTINATION_FACTOR = 0x94d0_49bb_1331_11ebL;

    private final FlowRecords records;
    private final FlowIndex index;
    /** Where each is counted. */
    private final LiveFlows[] counters;
    /** Of the keys that are prefetched, without gaps. */
    private final long[] buckets = new long[Long.SIZE];
    private final int[] numbers = new int[Long.SIZE];
    private int swept;
    @SuppressWarnings("unused") // keeps the compiler from leaving out what prefetch reads
    private long prefetched;

    /** @param capacity flows: a power of two, 16 to {@link #MAX_CAPACITY} */
    public FlowTable(int capacity) {
        if (Integer.bitCount(capacity) != 1 || capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("a flow table has room for a power of two of flows, " + MIN_CAPACITY + " to " + MAX_CAPACITY
                    + "; asked for " + capacity);
        }
        records = new FlowRecords(capacity);
        index = new FlowIndex(capacity);
        counters = new LiveFlows[capacity];
    }

    /** Packs what identifies a flow besides its addresses. VNIs have 24 bits, so all fits: the VNI outlives a snapshot, its index not. */
    public static long tuple(int vni, int protocol, int clientPort, int servicePort) {
        return tuple(vni, protocol, clientPort << Short.SIZE | servicePort);
    }

    /** @param ports the client's and the service's, as they stand in a packet of the client */
    static long tuple(int vni, int protocol, int ports) {
        return (long) (vni << 8 | protocol) << Integer.SIZE | ports & 0xffff_ffffL;
    }

    public int size() {
        return records.live();
    }

    /** The live flow of a client to a VIP, or {@link #NONE}. @param now seconds */
    public int find(long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, int now) {
        return find(NONE, hash(tuple, clientHigh, clientLow, vipHigh, vipLow), tuple, clientHigh, clientLow, vipHigh, vipLow, now);
    }

    /** The same. @param candidate what {@link #prefetch} has named, or {@link #NONE} @param hash of the key */
    public int find(int candidate, long hash, long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, int now) {
        return isLive(candidate, tuple, clientHigh, clientLow, vipHigh, vipLow, FlowRecords.CLIENT, FlowRecords.VIP, now) ? candidate
                : alive(locate(hash, tuple, clientHigh, clientLow, vipHigh, vipLow, FlowRecords.CLIENT, FlowRecords.VIP), now);
    }

    /** The live flow that a backend answers in, or {@link #NONE}. @param tuple that of the client's packets */
    public int findReply(long tuple, long backendHigh, long backendLow, long clientHigh, long clientLow, int now) {
        return findReply(NONE, hash(tuple, backendHigh, backendLow, clientHigh, clientLow), tuple, backendHigh, backendLow, clientHigh, clientLow,
                now);
    }

    /** The same. @param candidate what {@link #prefetch} has named, or {@link #NONE} @param hash of the key */
    public int findReply(int candidate, long hash, long tuple, long backendHigh, long backendLow, long clientHigh, long clientLow, int now) {
        return isLive(candidate, tuple, backendHigh, backendLow, clientHigh, clientLow, FlowRecords.BACKEND, FlowRecords.CLIENT, now) ? candidate
                : alive(locate(hash, tuple, backendHigh, backendLow, clientHigh, clientLow, FlowRecords.BACKEND, FlowRecords.CLIENT), now);
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
     * at a time and not for each of them. Each in a loop of its own that does nothing else: the fewer instructions there are between two
     * reads, the more of them are under way. A hint and no more: what is found is decided by the look-ups.
     *
     * @param hashes     of the keys, 64 at most
     * @param which      a bit for each hash that counts
     * @param candidates what each look-up is to try first
     */
    public void prefetch(long[] hashes, long which, int[] candidates) {
        int count = 0;
        for (long rest = which; rest != 0; rest &= rest - 1) {
            buckets[count++] = index.bucket(hashes[Long.numberOfTrailingZeros(rest)]);
        }
        long read = 0;
        for (int n = 0; n < count; n++) {
            read += index.touch(buckets[n]);
        }
        int asked = 0;
        for (long rest = which; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            candidates[i] = index.first(buckets[asked], index.matches(buckets[asked], hashes[i]));
            numbers[asked++] = candidates[i];
        }
        for (int n = 0; n < count; n++) {
            read += records.tuple(numbers[n]);
        }
        prefetched = read;
    }

    /** Whatever has become of a candidate since: what has all parts of the key, and lives, is the one there is. */
    private boolean isLive(int candidate, long tuple, long srcHigh, long srcLow, long dstHigh, long dstLow, int source, int destination, int now) {
        return candidate != NONE && records.is(candidate, tuple, srcHigh, srcLow, dstHigh, dstLow, source, destination)
                && records.expires(candidate) > now;
    }

    private int alive(int flow, int now) {
        return flow == NONE || records.expires(flow) <= now ? NONE : flow;
    }

    /** @param source which address of a record has to be the first one, @param destination and which the second */
    private int locate(long hash, long tuple, long srcHigh, long srcLow, long dstHigh, long dstLow, int source, int destination) {
        long bucket = index.bucket(hash);
        int likely = index.first(bucket, 1);
        if (index.matchesFirst(bucket, hash) && records.is(likely, tuple, srcHigh, srcLow, dstHigh, dstLow, source, destination)) {
            return likely;
        }
        for (int places = index.matches(bucket, hash); places != 0; places &= places - 1) {
            int flow = index.first(bucket, places);
            if (records.is(flow, tuple, srcHigh, srcLow, dstHigh, dstLow, source, destination)) {
                return flow;
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
        long towards = hash(tuple, clientHigh, clientLow, vipHigh, vipLow);
        long back = hash(tuple, backendHigh, backendLow, clientHigh, clientLow);
        removeIfThere(locate(towards, tuple, clientHigh, clientLow, vipHigh, vipLow, FlowRecords.CLIENT, FlowRecords.VIP));
        removeIfThere(locate(back, tuple, backendHigh, backendLow, clientHigh, clientLow, FlowRecords.BACKEND, FlowRecords.CLIENT));
        if (!makeRoom(index.bucket(towards), now) || !makeRoom(index.bucket(back), now) || records.isFull() && !evict(index.bucket(towards), now)) {
            return NONE;
        }
        int flow = records.take();
        records.write(flow, tuple, clientHigh, clientLow, vipHigh, vipLow, backendHigh, backendLow);
        records.begin(flow, state, now + FlowState.lifetime(state));
        counters[flow] = counted;
        counted.begun();
        index.enter(towards, flow);
        index.enter(back, flow);
        return flow;
    }

    private void removeIfThere(int flow) {
        if (flow != NONE) {
            remove(flow);
        }
    }

    private boolean makeRoom(long bucket, int now) {
        while (!index.hasRoom(bucket)) {
            if (!evict(bucket, now)) {
                return false;
            }
        }
        return true;
    }

    /** Removes the flow of a bucket whose place is the easiest to give away. @return false when all have to stay */
    private boolean evict(long bucket, int now) {
        int chosen = NONE;
        int since = now + 1;
        for (int places = index.taken(bucket); places != 0; places &= places - 1) {
            int flow = index.first(bucket, places);
            int yields = records.expires(flow) - FlowState.spare(records.state(flow));
            if (yields < since) {
                since = yields;
                chosen = flow;
            }
        }
        removeIfThere(chosen);
        return chosen != NONE;
    }

    /** Forgets a flow. */
    public void remove(int flow) {
        long tuple = records.tuple(flow);
        long clientHigh = records.high(flow, FlowRecords.CLIENT);
        long clientLow = records.low(flow, FlowRecords.CLIENT);
        index.leave(hash(tuple, clientHigh, clientLow, vipHigh(flow), vipLow(flow)), flow);
        index.leave(hash(tuple, backendHigh(flow), backendLow(flow), clientHigh, clientLow), flow);
        uncount(flow);
        records.giveBack(flow);
    }

    private void uncount(int flow) {
        if (counters[flow] != null) {
            counters[flow].ended();
            counters[flow] = null;
        }
    }

    /** Gives the places of expired flows back, going round. @param steps how many places are looked at */
    public void sweep(int steps, int now) {
        for (int i = 0; i < Math.min(steps, records.touched()); i++) {
            swept = swept + 1 < records.touched() ? swept + 1 : 0;
            if (records.hasExpired(swept, now)) {
                remove(swept);
            }
        }
    }

    public long vipHigh(int flow) {
        return records.high(flow, FlowRecords.VIP);
    }

    public long vipLow(int flow) {
        return records.low(flow, FlowRecords.VIP);
    }

    public long backendHigh(int flow) {
        return records.high(flow, FlowRecords.BACKEND);
    }

    public long backendLow(int flow) {
        return records.low(flow, FlowRecords.BACKEND);
    }

    /** What {@link FlowRecords} takes a flow's state and position from. */
    long life(int flow) {
        return records.life(flow);
    }

    /** One of {@link FlowState}. */
    public int state(int flow) {
        return records.state(flow);
    }

    /** Remembers where the flow's backend is to be looked for, 0 at first. @param position below 2^24 */
    public void position(int flow, int position) {
        records.position(flow, position);
    }

    /** The second at which it ends. */
    public int expires(int flow) {
        return records.expires(flow);
    }

    /** A packet has been seen: its state and when it ends follow. One that is over counts no more, and lives on for no packet. */
    public void used(int flow, int state, int now) {
        used(flow, records.life(flow), state, now);
    }

    void used(int flow, long life, int state, int now) {
        boolean over = FlowState.isOver(state);
        if (!over || state != FlowRecords.state(life)) {
            records.prolong(flow, life, state, now + FlowState.lifetime(state));
        }
        if (over) {
            uncount(flow);
        }
    }
}
