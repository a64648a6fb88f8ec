package dev.weft.benchmarks;

import dev.weft.api.wire.BigEndian;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/** The least that a forwarder does with a frame, and DPDK's {@code testpmd} in its mode {@code macswap}: it goes back to who sent it. */
public final class MacForward {

    private static final int MAC_BITS = 48;

    private MacForward() {
    }

    /** Exchanges the MACs of every frame. */
    public static void exchange(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            exchange(burst.memory(), burst.at(i));
        }
    }

    /**
     * Both MACs as eight bytes and four: half the reads and writes of one MAC after the other.
     *
     * <pre>
     *   first  d0 d1 d2 d3 d4 d5 s0 s1   last  s2 s3 s4 s5      before
     *          s0 s1 s2 s3 s4 s5 d0 d1         d2 d3 d4 d5      after
     * </pre>
     */
    static void exchange(MemorySegment memory, long frame) {
        long first = BigEndian.getLong(memory, frame);
        int last = BigEndian.getInt(memory, frame + Long.BYTES);
        BigEndian.putLong(memory, frame, first << MAC_BITS | Integer.toUnsignedLong(last) << Short.SIZE | first >>> MAC_BITS);
        BigEndian.putInt(memory, frame + Long.BYTES, (int) (first >>> Short.SIZE));
    }
}
