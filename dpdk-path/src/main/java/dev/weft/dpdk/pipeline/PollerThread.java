package dev.weft.dpdk.pipeline;

import dev.weft.api.WeftException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a {@link Poller} on a thread of its own until it is closed. */
public final class PollerThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PollerThread.class);
    /** A round takes microseconds; a poller that has not taken a command by then is stuck. */
    private static final long COMMAND_TIMEOUT_SECONDS = 10;

    private final Poller poller;
    private final IdleStrategy idle;
    private final Wakeup wakeup;
    private final ThreadEntry entry;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long failures;
    private volatile boolean reclaimed;

    /** What a thread does before its first round and after its last: DPDK wants to know its threads. */
    public interface ThreadEntry {
        ThreadEntry NONE = new ThreadEntry() {
            @Override
            public void enter() {
            }

            @Override
            public void leave() {
            }
        };

        void enter();

        void leave();
    }

    /** Starts the thread. */
    public PollerThread(String name, Poller poller, IdleStrategy idle, ThreadEntry entry) {
        this.poller = poller;
        this.idle = idle;
        this.wakeup = poller.wakeup();
        this.entry = entry;
        thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    private void run() {
        entry.enter();
        try {
            while (running) {
                if (idle.after(step(), poller.isBulk())) {
                    sleep();
                }
            }
            reclaimed = poller.end();
        } finally {
            entry.leave();
        }
    }

    private void sleep() {
        wakeup.fallAsleep();
        if (running && !findsWork()) {
            wakeup.sleep(poller.ports());
            findsWork();
        }
    }

    /** A sleep that work ended was not in vain, however short it was. */
    private boolean findsWork() {
        boolean worked = step();
        idle.after(worked, poller.isBulk());
        if (worked) {
            wakeup.awake();
        }
        return worked;
    }

    /** A round that throws loses the packets of one burst (they stay dropped); the next round is a new start. */
    private boolean step() {
        try {
            return poller.step() > 0;
        } catch (RuntimeException | Error e) {
            failures = failures + 1;
            if (failures == 1) {
                LOG.error("the packet path failed; it goes on, further failures are only counted", e);
            }
            return false;
        }
    }

    /** Rounds that threw; never expected. */
    public long failures() {
        return failures;
    }

    /**
     * Waits until a command is executed.
     *
     * @throws WeftException.DataPathFailed if the poller does not do it
     */
    public void await(CompletableFuture<Void> command) {
        try {
            command.get(COMMAND_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new WeftException.DataPathFailed("the packet path's thread " + thread.getName() + " does not take commands (it is "
                    + thread.getState() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WeftException.DataPathFailed("interrupted while the packet path takes a command", e);
        }
    }

    /** After {@link #close}: true when no packet buffer is with a port's user any more. */
    public boolean isReclaimed() {
        return reclaimed;
    }

    /** Ends the thread and waits for it; all ports are closed then. Idempotent. */
    @Override
    public void close() {
        if (running) {
            running = false;
            wakeup.signal();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        wakeup.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
