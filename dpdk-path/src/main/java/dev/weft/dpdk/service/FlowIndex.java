package dev.weft.dpdk.service;

import dev.weft.ffm.libc.AnonymousMemory;
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where a {@link FlowTable} finds the number of a flow by the hash of a key: buckets of 16 entries, a cache line each. An entry is a number
 * and a tag, some bits of the hash, so that a wrong record is seldom touched. All tags of a bucket are compared at once, without a branch:
 * a wrongly predicted one would wait for the line. The table's owner's.
 *
 * <pre>
 *    0                16                        48                64
 *   +----------------+-------------------------+-----------------+
 *   | 16 tags, 0 for | of each number the low  | of each number  |
 *   | an empty place | 16 bits                 | the high 8 bits |
 *   +----------------+-------------------------+-----------------+
 * </pre>
 */
final class FlowIndex {

    private static final int BUCKET = AnonymousMemory.LINE;
    private static final int PLACES = 16;
    /** With four places for each key, fewer than one bucket in a million overflows. */
    private static final int PLACES_OF_A_FLOW = 8;
    private static final int LOW = PLACES;
    private static final int HIGH = LOW + PLACES * Short.BYTES;

    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final long ALL_BUT_TOP = 0x7f7f_7f7f_7f7f_7f7fL;
    /** Takes the lowest bits of eight bytes to the highest byte. */
    private static final long GATHER = 0x0102_0408_1020_4080L;
    private static final int TOP_BYTE = Long.SIZE - Byte.SIZE;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment own;
    /** Where its own memory begins. */
    private final long base;
    private final int buckets;

    /** @param capacity flows, each of which has two keys */
    FlowIndex(int capacity) {
        buckets = PLACES_OF_A_FLOW * capacity / PLACES;
        own = AnonymousMemory.allocate((long) buckets * BUCKET);
        base = NativeMemory.begin(own);
    }

    /** The bucket of a key. */
    long bucket(long hash) {
        return base + ((hash >>> Integer.SIZE) * buckets >>> Integer.SIZE) * BUCKET;
    }

    private MemorySegment memory() {
        return NativeMemory.around(own);
    }

    /** Reads the line of a bucket. */
    long touch(long bucket) {
        return memory().get(LONG, NativeMemory.address(bucket));
    }

    /** Whether the key may have the first place, as most do while flows are few. */
    boolean matchesFirst(long bucket, long hash) {
        return (memory().get(BYTE, NativeMemory.address(bucket)) & 0xff) == tag(hash);
    }

    /** A bit for each place of a bucket that the key may have. */
    int matches(long bucket, long hash) {
        return equal(bucket, tag(hash));
    }

    /** A bit for each place of a bucket that has a flow. */
    int taken(long bucket) {
        return ~equal(bucket, 0) & (1 << PLACES) - 1;
    }

    private int equal(long bucket, int tag) {
        long tags = tag * EACH_BYTE;
        long at = NativeMemory.address(bucket);
        return equal(memory().get(LONG, at) ^ tags) | equal(memory().get(LONG, at + Long.BYTES) ^ tags) << Long.BYTES;
    }

    /** A bit for each byte that is zero. */
    private static int equal(long difference) {
        long different = (difference & ALL_BUT_TOP) + ALL_BUT_TOP | difference;
        return (int) ((~different >>> Byte.SIZE - 1 & EACH_BYTE) * GATHER >>> TOP_BYTE);
    }

    /** The flow at the first of these places of a bucket; when there is none, any number that the table has. */
    int first(long bucket, int places) {
        int place = Integer.numberOfTrailingZeros(places) & PLACES - 1;
        long at = NativeMemory.address(bucket) + place;
        return memory().get(SHORT, at + place + LOW) & 0xffff | (memory().get(BYTE, at + HIGH) & 0xff) << Short.SIZE;
    }

    /** Whether two more entries fit into the bucket: both keys of one flow may fall into it. */
    boolean hasRoom(long bucket) {
        return Integer.bitCount(taken(bucket)) <= PLACES - 2;
    }

    /** There is room. */
    void enter(long hash, int flow) {
        long bucket = bucket(hash);
        int place = Integer.numberOfTrailingZeros(~taken(bucket));
        memory().set(BYTE, bucket + place, (byte) tag(hash));
        memory().set(SHORT, bucket + LOW + place * Short.BYTES, (short) flow);
        memory().set(BYTE, bucket + HIGH + place, (byte) (flow >> Short.SIZE));
    }

    /** It is there. */
    void leave(long hash, int flow) {
        long bucket = bucket(hash);
        int places = matches(bucket, hash);
        while (first(bucket, places) != flow) {
            places &= places - 1;
        }
        memory().set(BYTE, bucket + Integer.numberOfTrailingZeros(places), (byte) 0);
    }

    /** 1 to 255, of bits that choose no bucket. */
    private static int tag(long hash) {
        return (int) ((hash & 0xffff) * 255 >>> Short.SIZE) + 1;
    }
}
