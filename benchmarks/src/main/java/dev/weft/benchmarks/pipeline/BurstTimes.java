package dev.weft.benchmarks.pipeline;

import dev.weft.dpdk.pipeline.Burst;
import java.util.Arrays;

/** What bursts took. The median passes over those that something else interrupted: this is about code, not about a scheduler. */
final class BurstTimes {

    private static final int SAMPLES = 1 << 19;

    private final int[] nanos = new int[SAMPLES];
    private int count;

    void took(long nanoseconds) {
        nanos[count++ & SAMPLES - 1] = (int) nanoseconds;
    }

    void reset() {
        count = 0;
    }

    /** Nanoseconds a packet of the median burst. */
    double median() {
        int measured = Math.min(count, SAMPLES);
        int[] sorted = Arrays.copyOf(nanos, measured);
        Arrays.sort(sorted);
        return (double) sorted[measured / 2] / Burst.CAPACITY;
    }
}
