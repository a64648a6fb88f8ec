package dev.weft.dpdk.service;

import dev.weft.ffm.libc.AnonymousMemory;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The records of a {@link FlowTable}, one for each of its places: 64 bytes each, at a cache line, so that a flow is one line. Outside the heap,
 * where arrays begin at any multiple of eight bytes, and not resident before they are used. The table's owner's.
 *
 * <pre>
 *    0      8       24      40       56            60                            64
 *   +-------+--------+-----+---------+-------------+----------+----------+-------+
 *   | tuple | client | VIP | backend | its second  | position | distance | state |   a free one: its second is the first one there is
 *   +-------+--------+-----+---------+-------------+----------+----------+-------+
 * </pre>
 */
final class FlowRecords {

    static final int LENGTH = AnonymousMemory.LINE;
    static final int CLIENT = 8;
    static final int VIP = 24;
    static final int BACKEND = 40;
    static final int LIFE = 56;
    private static final int STATE_BITS = 4;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;
    private static final int DISTANCE_BITS = 5;
    private static final int DISTANCE_MASK = (1 << DISTANCE_BITS) - 1;
    private static final int POSITION_SHIFT = STATE_BITS + DISTANCE_BITS;
    private static final long POSITION_MASK = -1 >>> POSITION_SHIFT;
    /** When a record ends that has no flow. */
    private static final int NOBODY = Integer.MIN_VALUE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment own;
    /** Where its own memory begins. */
    private final long base;

    /** @param places that a flow may have */
    FlowRecords(int places) {
        own = AnonymousMemory.allocate((long) places * LENGTH);
        base = NativeMemory.begin(own);
    }

    void giveBack(int flow) {
        begin(flow, FlowState.CLOSED, 0, NOBODY);
    }

    /** @param i a key of a client's packet, with a backend */
    void write(int flow, FlowKeys keys, int i) {
        long at = at(flow);
        for (int offset = 0; offset < LIFE; offset += Long.BYTES) {
            memory().set(LONG, at + offset, keys.word(i, offset));
        }
    }

    /** Whether it is the flow of a key, and has not ended. */
    boolean isLive(int flow, FlowKeys keys, int i, int other, int now) {
        return is(flow, keys, i, other) && expires(flow) > now;
    }

    /** @param other which address besides the client's has to be the same: {@link #VIP} or {@link #BACKEND} */
    boolean is(int flow, FlowKeys keys, int i, int other) {
        return (difference(flow, keys, i, 0) | difference(flow, keys, i, CLIENT) | difference(flow, keys, i, CLIENT + Long.BYTES)
                | difference(flow, keys, i, other) | difference(flow, keys, i, other + Long.BYTES)) == 0;
    }

    private long difference(int flow, FlowKeys keys, int i, int offset) {
        return memory().get(LONG, NativeMemory.address(at(flow) + offset)) ^ keys.word(i, offset);
    }

    /** @param address {@link #CLIENT}, {@link #VIP} or {@link #BACKEND} */
    long high(int flow, int address) {
        return memory().get(LONG, at(flow) + address);
    }

    long low(int flow, int address) {
        return memory().get(LONG, at(flow) + address + Long.BYTES);
    }

    /** Its state, its position and when it ends, read at once: the JIT compiler does not make one of two reads of the same memory. */
    long life(int flow) {
        return memory().get(LONG, at(flow) + LIFE);
    }

    static int state(long life) {
        return (int) life & STATE_MASK;
    }

    static int position(long life) {
        return (int) life >>> POSITION_SHIFT;
    }

    /** How many buckets it is behind its own. */
    int distance(int flow) {
        return (int) life(flow) >>> STATE_BITS & DISTANCE_MASK;
    }

    int state(int flow) {
        return state(life(flow));
    }

    /** The second at which it ends. */
    int expires(int flow) {
        return (int) (life(flow) >> Integer.SIZE);
    }

    /** @param until the second at which it ends */
    void begin(int flow, int state, int distance, int until) {
        memory().set(LONG, at(flow) + LIFE, (long) until << Integer.SIZE | (long) distance << STATE_BITS | state);
    }

    /** It keeps its position. @param before its life */
    void prolong(int flow, long before, int state, int until) {
        long life = (long) until << Integer.SIZE | (int) before & 0xffff_ffffL & ~STATE_MASK | state;
        if (before != life) { // seldom: the line stays clean in between
            memory().set(LONG, at(flow) + LIFE, life);
        }
    }

    void position(int flow, int position) {
        long others = life(flow) & ~(POSITION_MASK << POSITION_SHIFT);
        memory().set(LONG, at(flow) + LIFE, others | (long) position << POSITION_SHIFT);
    }

    /** What records are of. */
    MemorySegment own() {
        return own;
    }

    /** Where a record is. */
    long at(int flow) {
        return NativeMemory.address(base + (long) flow * LENGTH);
    }

    private MemorySegment memory() {
        return NativeMemory.around(own);
    }
}
