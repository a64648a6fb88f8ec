package dev.weft.mesh.udp;

import java.util.concurrent.locks.LockSupport;

/** What a polling thread does between polls that found nothing: spins, yields, then parks for longer and longer. */
public final class Idle {

    private static final int SPINS = 50;
    private static final int YIELDS = 20;
    private static final long SHORTEST_PARK_NANOS = 5_000;
    private static final long LONGEST_PARK_NANOS = 500_000;

    private final long longestPark;
    private int rounds;
    private long park = SHORTEST_PARK_NANOS;

    public Idle() {
        this(LONGEST_PARK_NANOS);
    }

    /** @param longestParkNanos how late a thread may notice what comes after a long silence */
    public Idle(long longestParkNanos) {
        longestPark = longestParkNanos;
    }

    /** There was work. */
    public void reset() {
        rounds = 0;
        park = SHORTEST_PARK_NANOS;
    }

    /** There was none. */
    public void idle() {
        if (rounds < SPINS) {
            rounds++;
            Thread.onSpinWait();
        } else if (rounds < SPINS + YIELDS) {
            rounds++;
            Thread.yield();
        } else {
            LockSupport.parkNanos(park);
            park = Math.min(2 * park, longestPark);
        }
    }
}
