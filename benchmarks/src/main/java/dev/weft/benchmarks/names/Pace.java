package dev.weft.benchmarks.names;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** So many a second, from now on. Who is late catches up: what is offered in the end is what was meant to be. */
final class Pace {

    private final long start = System.nanoTime();
    private final int rate;

    Pace(int rate) {
        this.rate = rate;
    }

    void await(long number) {
        long due = start + number * TimeUnit.SECONDS.toNanos(1) / rate;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
