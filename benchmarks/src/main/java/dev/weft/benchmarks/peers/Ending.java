package dev.weft.benchmarks.peers;

import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * SIGINT, SIGTERM and SIGHUP end a run at its next step. So nothing is half made, and what is open is closed by the thread that opened it, for
 * which the JVM waits.
 */
final class Ending {

    /** More than the longest step takes that does not ask, the start of a daemon that does not come up. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private volatile boolean asked;

    /** @param measuring the thread that has everything open */
    static Ending of(Thread measuring) {
        Ending ending = new Ending();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ending.await(measuring), "weft-bench-ending"));
        return ending;
    }

    private void await(Thread measuring) {
        asked = true;
        try {
            measuring.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called before each step. @throws CancellationException when the run has to end */
    void check() {
        if (asked) {
            throw new CancellationException("ended by a signal");
        }
    }
}
