package dev.weft.dpdk.service;

import dev.weft.ffm.libc.AnonymousMemory;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Which places of a {@link FlowTable} are taken, and by what: a byte for each, its tag, some bits of the hash of the flow's key. Places stand in
 * buckets of 7, whose tags are compared at once, without a branch: a wrongly predicted one would wait for memory. The tags of a million flows
 * have 4 MB, so that a look-up waits for the flow's record alone. What finds no place in its bucket goes on to the next one, and each bucket
 * counts what went by, so that a look-up goes on only there. The table's owner's.
 *
 * <pre>
 *    0                            7               8
 *   +----------------------------+---------------+
 *   | 7 tags, 0 for a free place | how many went | of places 7 b to 7 b + 6
 *   |                            | by            |
 *   +----------------------------+---------------+
 * </pre>
 */
final class FlowIndex {

    /** Places of a bucket. */
    static final int PLACES = 7;
    /** A full table uses four places of seven: one bucket in twenty has none left then. */
    private static final int FLOWS_OF_A_BUCKET = 4;
    /** A flow is in its bucket or one of the next 31: a look-up has an end, whatever keys somebody chooses. */
    private static final int REACH = 32;
    /** Flows of the same key that have room. */
    static final int SAME_KEY = REACH * PLACES;

    private static final int BUCKET_BITS = 3;
    private static final int WENT_BY_SHIFT = PLACES * Byte.SIZE;
    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final long ALL_BUT_TOP = 0x7f7f_7f7f_7f7f_7f7fL;
    /** The top bit of each tag: a set of places. */
    private static final long EVERY = 0x80_8080_8080_8080L;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment own;
    /** Where its own memory begins. */
    private final long base;
    private final int buckets;
    private final int shift;

    /** @param capacity flows, a power of two */
    FlowIndex(int capacity) {
        buckets = capacity / FLOWS_OF_A_BUCKET;
        shift = Long.numberOfLeadingZeros(buckets) + 1;
        own = AnonymousMemory.allocate((long) buckets << BUCKET_BITS);
        base = NativeMemory.begin(own);
    }

    int buckets() {
        return buckets;
    }

    /** Places, and two more: what {@link #first} says when there is none may be those. */
    int places() {
        return buckets * PLACES + 2;
    }

    /** What the tags are of. */
    MemorySegment own() {
        return own;
    }

    /** The bucket of a key. */
    int bucket(long hash) {
        return (int) (hash >>> shift);
    }

    /** The bucket behind a bucket: behind the last one is the first one. */
    int next(int bucket) {
        return bucket + 1 & buckets - 1;
    }

    /** The bucket after this one, or {@link FlowTable#NONE} when nothing of this one went on. */
    int following(int bucket) {
        return wentBy(bucket) == 0 ? FlowTable.NONE : next(bucket);
    }

    /** Those places of a bucket that the key may have. */
    long matches(int bucket, long hash) {
        return equal(bucket, tag(hash));
    }

    /** Those places of a bucket that have a flow. */
    long taken(int bucket) {
        return equal(bucket, 0) ^ EVERY;
    }

    private long equal(int bucket, int tag) {
        long difference = memory().get(LONG, at(bucket)) ^ tag * EACH_BYTE;
        return ~((difference & ALL_BUT_TOP) + ALL_BUT_TOP | difference) & EVERY; // of each byte that is zero
    }

    /** The first of these places of a bucket; when there is none, any place. */
    static int first(int bucket, long places) {
        return bucket * PLACES + (Long.numberOfTrailingZeros(places) >>> BUCKET_BITS);
    }

    /** How many buckets a key may be in. */
    int reach() {
        return Math.min(REACH, buckets);
    }

    /** Takes the place that is nearest to a key's bucket. @return it, or {@link FlowTable#NONE} when there is none within reach */
    int enter(long hash) {
        int home = bucket(hash);
        int bucket = home;
        for (int distance = 0; distance < reach(); distance++) {
            long free = taken(bucket) ^ EVERY;
            if (free != 0) {
                int place = first(bucket, free);
                tag(place, tag(hash));
                count(home, bucket, 1);
                return place;
            }
            bucket = next(bucket);
        }
        return FlowTable.NONE;
    }

    /** How many buckets a key's place is behind its own bucket. */
    int distance(long hash, int place) {
        return place / PLACES - bucket(hash) & buckets - 1;
    }

    /** Gives a place back. */
    void leave(int place, int distance) {
        tag(place, 0);
        int bucket = place / PLACES;
        count(bucket - distance & buckets - 1, bucket, -1);
    }

    /** What is in the last bucket went by those from the first one on: never more than 31 times 7 by one. */
    private void count(int first, int last, int more) {
        for (int bucket = first; bucket != last; bucket = next(bucket)) {
            memory().set(BYTE, at(bucket) + PLACES, (byte) (wentBy(bucket) + more));
        }
    }

    private int wentBy(int bucket) {
        return (int) (memory().get(LONG, at(bucket)) >>> WENT_BY_SHIFT);
    }

    private void tag(int place, int tag) {
        memory().set(BYTE, at(place / PLACES) + place % PLACES, (byte) tag);
    }

    /** 1 to 255, of bits that choose no bucket. */
    private static int tag(long hash) {
        return (int) ((hash & 0xffff) * 255 >>> Short.SIZE) + 1;
    }

    /** Where the tags of a bucket are. */
    long at(int bucket) {
        return NativeMemory.address(base + ((long) bucket << BUCKET_BITS));
    }

    private MemorySegment memory() {
        return NativeMemory.around(own);
    }
}
