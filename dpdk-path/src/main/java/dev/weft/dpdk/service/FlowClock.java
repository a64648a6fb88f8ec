package dev.weft.dpdk.service;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The seconds that a {@link FlowTable} counts in, and its sweep: once round in a minute. The poller's thread's. */
final class FlowClock {

    /** Housekeeping comes ten times a second. */
    private static final int ROUNDS_OF_A_SWEEP = 600;

    private final FlowTable flows;
    private final int sweepSteps;
    private final LongSupplier nanoClock;
    private final long epoch;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    FlowClock(FlowTable flows, LongSupplier nanoClock) {
        this.flows = flows;
        sweepSteps = flows.sweepOfAll() / ROUNDS_OF_A_SWEEP + 1;
        this.nanoClock = nanoClock;
        epoch = nanoClock.getAsLong();
    }

    /** Seconds since the table was made. */
    int now() {
        return (int) TimeUnit.NANOSECONDS.toSeconds(nanoClock.getAsLong() - epoch);
    }

    /** A step of the sweep. */
    void tick() {
        flows.sweep(sweepSteps, now());
    }
}
