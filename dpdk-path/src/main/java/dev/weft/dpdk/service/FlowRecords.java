package dev.weft.dpdk.service;

import dev.weft.ffm.libc.AnonymousMemory;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The records of a {@link FlowTable}, by number: 64 bytes each, at a cache line, so that a flow is one line. Outside the heap, where arrays
 * begin at any multiple of eight bytes, and not resident before they are used: the numbers are given out from the lowest one on. The table's
 * owner's.
 *
 * <pre>
 *    0      8       24      40       56            60         63
 *   +-------+--------+-----+---------+-------------+----------+-------+
 *   | tuple | client | VIP | backend | its second  | position | state |   a free one: its second is the last one there is,
 *   +-------+--------+-----+---------+-------------+----------+-------+   its tuple the number of the next free one
 * </pre>
 */
final class FlowRecords {

    static final int LENGTH = AnonymousMemory.LINE;
    static final int CLIENT = 8;
    static final int VIP = 24;
    static final int BACKEND = 40;
    private static final int LIFE = 56;
    private static final int STATE_BITS = 8;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;
    /** When a record ends that has no flow. */
    private static final int NOBODY = Integer.MIN_VALUE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment own;
    /** Where its own memory begins. */
    private final long base;
    private final int capacity;
    /** How many numbers have been given out at some time; the records beyond have never been touched. */
    private int touched;
    private int firstFree = FlowTable.NONE;
    private int live;

    FlowRecords(int capacity) {
        this.capacity = capacity;
        own = AnonymousMemory.allocate((long) capacity * LENGTH);
        base = NativeMemory.begin(own);
    }

    int live() {
        return live;
    }

    int touched() {
        return touched;
    }

    boolean isFull() {
        return live == capacity;
    }

    /** A free number; not when it {@link #isFull}. */
    int take() {
        live++;
        if (firstFree == FlowTable.NONE) {
            return touched++;
        }
        int flow = firstFree;
        firstFree = (int) tuple(flow);
        return flow;
    }

    void giveBack(int flow) {
        begin(flow, FlowState.CLOSED, NOBODY);
        memory().set(LONG, at(flow), firstFree);
        firstFree = flow;
        live--;
    }

    void write(int flow, long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, long backendHigh, long backendLow) {
        long at = at(flow);
        memory().set(LONG, at, tuple);
        memory().set(LONG, at + CLIENT, clientHigh);
        memory().set(LONG, at + CLIENT + Long.BYTES, clientLow);
        memory().set(LONG, at + VIP, vipHigh);
        memory().set(LONG, at + VIP + Long.BYTES, vipLow);
        memory().set(LONG, at + BACKEND, backendHigh);
        memory().set(LONG, at + BACKEND + Long.BYTES, backendLow);
    }

    /** @param source which address of a record has to be the first one, @param destination and which the second */
    boolean is(int flow, long tuple, long srcHigh, long srcLow, long dstHigh, long dstLow, int source, int destination) {
        long at = at(flow);
        return memory().get(LONG, at + destination + Long.BYTES) == dstLow
                && memory().get(LONG, at + source + Long.BYTES) == srcLow
                && memory().get(LONG, at) == tuple
                && memory().get(LONG, at + source) == srcHigh
                && memory().get(LONG, at + destination) == dstHigh;
    }

    long tuple(int flow) {
        return memory().get(LONG, at(flow));
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
        return (int) life >>> STATE_BITS;
    }

    int state(int flow) {
        return state(life(flow));
    }

    /** The second at which it ends. */
    int expires(int flow) {
        return (int) (life(flow) >> Integer.SIZE);
    }

    /** Whether it has a flow whose time has run out. */
    boolean hasExpired(int flow, int now) {
        int expires = expires(flow);
        return expires != NOBODY && expires <= now;
    }

    /** @param until the second at which it ends */
    void begin(int flow, int state, int until) {
        memory().set(LONG, at(flow) + LIFE, life(until, 0, state));
    }

    /** It keeps its position. @param before its life */
    void prolong(int flow, long before, int state, int until) {
        long life = life(until, position(before), state);
        if (before != life) { // once a second: the line stays clean in between
            memory().set(LONG, at(flow) + LIFE, life);
        }
    }

    void position(int flow, int position) {
        memory().set(LONG, at(flow) + LIFE, life(expires(flow), position, state(flow)));
    }

    private static long life(int until, int position, int state) {
        return (long) until << Integer.SIZE | (long) position << STATE_BITS | state;
    }

    private long at(int flow) {
        return NativeMemory.address(base + (long) flow * LENGTH);
    }

    private MemorySegment memory() {
        return NativeMemory.around(own);
    }
}
