package dev.weft.dpdk.service;

import dev.weft.dpdk.table.LiveFlows;

/**
 * The flows to VIPs, each found from both of its sides: by client and VIP, and by backend and client. Fixed in size, so it can neither
 * grow nor allocate. One owner thread.
 *
 * <p>A flow is one record, a cache line, at the place where the index has its tag. It is there by what both sides' packets show, its tuple and its
 * client: a look-up waits for one line of memory, however many flows there are. Flows that one port of a client has to several VIPs are told
 * apart by their records; of those there is room for {@value FlowIndex#SAME_KEY}.
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
    /** So many flows are in no near cache: from here on it is faster to bring them nearer ({@code ./weft bench jmh FlowTable}). */
    public static final int WORTH_PREFETCHING = 1 << 14;
    private static final int MIN_CAPACITY = 16;

    private static final long TUPLE_FACTOR = 0x9e37_79b9_7f4a_7c15L;
    private static final long CLIENT_FACTOR = 0xbf58_476d_1ce4_e5b9L;
    private static final long PEER_FACTOR = 0x94d0_49bb_1331_11ebL;

    private final int capacity;
    private final FlowIndex index;
    private final FlowRecords records;
    /** Where each is counted. */
    private final LiveFlows[] counters;
    private int live;
    /** The bucket that was swept last. */
    private int swept;

    /** @param capacity flows: a power of two, 16 to {@link #MAX_CAPACITY} */
    public FlowTable(int capacity) {
        if (Integer.bitCount(capacity) != 1 || capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("a flow table has room for a power of two of flows, " + MIN_CAPACITY + " to " + MAX_CAPACITY
                    + "; asked for " + capacity);
        }
        this.capacity = capacity;
        index = new FlowIndex(capacity);
        records = new FlowRecords(index.places());
        counters = new LiveFlows[index.places()];
    }

    /** Packs what identifies a flow besides its addresses. VNIs have 24 bits, so all fits: the VNI outlives a snapshot, its index not. */
    public static long tuple(int vni, int protocol, int clientPort, int servicePort) {
        return tuple(vni, protocol, clientPort << Short.SIZE | servicePort);
    }

    /** @param ports the client's and the service's, as they stand in a packet of the client */
    static long tuple(int vni, int protocol, int ports) {
        return (long) (vni << 8 | protocol) << Integer.SIZE | ports & 0xffff_ffffL;
    }

    static int vni(long tuple) {
        return (int) (tuple >>> Integer.SIZE + Byte.SIZE);
    }

    static int protocol(long tuple) {
        return (int) (tuple >>> Integer.SIZE) & 0xff;
    }

    /** What a flow is found by. @param peer the other side, or 0 for flows whose sides know each other by different addresses */
    static long hash(long tuple, long client, long peer) {
        long hash = tuple * TUPLE_FACTOR ^ client * CLIENT_FACTOR ^ Long.rotateLeft(peer * PEER_FACTOR, 31);
        hash = (hash ^ hash >>> 32) * TUPLE_FACTOR;
        return hash ^ hash >>> 29;
    }

    public int size() {
        return live;
    }

    /** Whether there are so many flows that looking for them one after the other would wait for memory. */
    boolean isWorthPrefetching() {
        return size() >= WORTH_PREFETCHING;
    }

    /** What looks the packets of a burst up, all at once. */
    public FlowLookup lookup(FlowKeys keys) {
        return new FlowLookup(this, index, records, keys);
    }

    /** The live flow of a key, or {@link #NONE}. @param now seconds */
    public int find(FlowKeys keys, int i, int now) {
        int flow = locate(keys, i, keys.other());
        return flow == NONE || records.expires(flow) <= now ? NONE : flow;
    }

    /**
     * The same. Whatever has become of a candidate since: what has all parts of the key, and lives, is the one there is.
     *
     * @param candidate what {@link FlowLookup} has found before, or {@link #NONE}
     */
    int find(int candidate, FlowKeys keys, int i, int now) {
        return candidate != NONE && records.isLive(candidate, keys, i, keys.other(), now) ? candidate : find(keys, i, now);
    }

    /** @param other which address besides the client's has to be the same */
    private int locate(FlowKeys keys, int i, int other) {
        long hash = keys.hash(i);
        for (int bucket = index.bucket(hash); bucket != NONE; bucket = index.following(bucket)) {
            for (long places = index.matches(bucket, hash); places != 0; places &= places - 1) {
                int flow = FlowIndex.first(bucket, places);
                if (records.is(flow, keys, i, other)) {
                    return flow;
                }
            }
        }
        return NONE;
    }

    /**
     * Puts a flow that is not there (expired ones are not).
     *
     * @param i       a key of a client's packet
     * @param counted where it is counted while it lives
     * @return the flow, or {@link #NONE} when no place can be had
     */
    public int put(FlowKeys keys, int i, long backendHigh, long backendLow, int state, LiveFlows counted, int now) {
        keys.backend(i, backendHigh, backendLow);
        removeIfThere(locate(keys, i, FlowRecords.VIP));
        removeIfThere(locate(keys, i, FlowRecords.BACKEND));
        int flow = place(keys.hash(i), now);
        if (flow != NONE) {
            live++;
            records.write(flow, keys, i);
            records.begin(flow, state, index.distance(keys.hash(i), flow), now + FlowState.lifetime(state));
            counters[flow] = counted;
            counted.begun();
        }
        return flow;
    }

    private void removeIfThere(int flow) {
        if (flow != NONE) {
            remove(flow);
        }
    }

    private int place(long hash, int now) {
        if (live == capacity && !evict(hash, now)) {
            return NONE;
        }
        int place = index.enter(hash);
        return place != NONE || !evict(hash, now) ? place : index.enter(hash);
    }

    /** Removes the flow within a key's reach whose place is the easiest to give away. @return false when all have to stay */
    private boolean evict(long hash, int now) {
        int chosen = NONE;
        int since = now + 1;
        int bucket = index.bucket(hash);
        for (int distance = 0; distance < index.reach(); distance++) {
            for (long places = index.taken(bucket); places != 0; places &= places - 1) {
                int flow = FlowIndex.first(bucket, places);
                int yields = records.expires(flow) - FlowState.spare(records.state(flow));
                if (yields < since) {
                    since = yields;
                    chosen = flow;
                }
            }
            bucket = index.next(bucket);
        }
        removeIfThere(chosen);
        return chosen != NONE;
    }

    /** Forgets a flow. */
    public void remove(int flow) {
        index.leave(flow, records.distance(flow));
        live--;
        uncount(flow);
        records.giveBack(flow);
    }

    private void uncount(int flow) {
        if (counters[flow] != null) {
            counters[flow].ended();
            counters[flow] = null;
        }
    }

    /** Gives the places of expired flows back, going round. @param steps of which {@link #sweepOfAll} go once round */
    public void sweep(int steps, int now) {
        for (int i = 0; i < Math.min(steps, sweepOfAll()); i++) {
            swept = index.next(swept);
            for (long places = index.taken(swept); places != 0; places &= places - 1) {
                int flow = FlowIndex.first(swept, places);
                if (records.expires(flow) <= now) {
                    remove(flow);
                }
            }
        }
    }

    int sweepOfAll() {
        return index.buckets();
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

    /** Remembers where the flow's backend is to be looked for, 0 at first. @param position below 2^23 */
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

    /** The same for a state that is not over. @param life the flow's */
    void goesOn(int flow, long life, int state, int now) {
        records.prolong(flow, life, state, FlowState.end(state, now));
    }

    private void used(int flow, long life, int state, int now) {
        boolean over = FlowState.isOver(state);
        if (!over || state != FlowRecords.state(life)) {
            records.prolong(flow, life, state, FlowState.end(state, now));
        }
        if (over) {
            uncount(flow);
        }
    }
}
