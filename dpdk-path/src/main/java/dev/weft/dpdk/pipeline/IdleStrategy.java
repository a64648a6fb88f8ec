package dev.weft.dpdk.pipeline;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a poller does after a round that found no work: spins, on a core of its own for ever; else yields after a while, and then
 * sleeps longer and longer. The longest sleep is what a first packet after a pause waits at most.
 */
public final class IdleStrategy {

    private static final int SPINS = 200;
    private static final int YIELDS = 50;
    private static final long SHORTEST_SLEEP = TimeUnit.MICROSECONDS.toNanos(5);
    private static final long LONGEST_SLEEP = TimeUnit.MICROSECONDS.toNanos(250);

    private final boolean busySpin;
    private int idleRounds;
    private long sleep = SHORTEST_SLEEP;

    public IdleStrategy(boolean busySpin) {
        this.busySpin = busySpin;
    }

    /** @param worked whether the round found work */
    public void after(boolean worked) {
        if (worked) {
            idleRounds = 0;
            sleep = SHORTEST_SLEEP;
        } else if (busySpin || idleRounds < SPINS) {
            idleRounds++;
            Thread.onSpinWait();
        } else if (idleRounds < SPINS + YIELDS) {
            idleRounds++;
            Thread.yield();
        } else {
            LockSupport.parkNanos(sleep);
            sleep = Math.min(2 * sleep, LONGEST_SLEEP);
        }
    }
}
