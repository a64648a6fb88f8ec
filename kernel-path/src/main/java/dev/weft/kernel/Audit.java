package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the data path look at everything a minute after it was changed by difference: once, however many changes there were in that
 * minute, and not at all while nothing changes; one that fails is followed by another one. On a thread of its own.
 */
public final class Audit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
    private static final Duration DELAY = Duration.ofMinutes(1);

    private final Runnable everything;
    private final Duration delay;
    private final ScheduledThreadPoolExecutor thread;
    private boolean scheduled;

    /** @param name of the thread, after {@code weft-audit-} */
    public Audit(String name, Runnable everything) {
        this(name, everything, DELAY);
    }

    Audit(String name, Runnable everything, Duration delay) {
        this.everything = everything;
        this.delay = delay;
        this.thread = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("weft-audit-" + name).factory());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** @param later false when everything has been looked at just now */
    public synchronized void wanted(boolean later) {
        if (later && !scheduled && !thread.isShutdown()) {
            scheduled = true;
            thread.schedule(this::run, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /**
     * What an audit found lost: it failed, the last application had made it, and its namespace is there still.
     *
     * @param failures of the audit
     * @param before   what the last application could not make either
     */
    public static Optional<Map.Entry<EndpointId, WeftException>> lost(Stream<Map.Entry<EndpointId, WeftException>> failures, Set<EndpointId> before) {
        return failures.filter(failure -> !before.contains(failure.getKey()) && !(failure.getValue() instanceof WeftException.NotFound)).findFirst();
    }

    private void run() {
        synchronized (this) {
            scheduled = false;
        }
        try {
            everything.run();
        } catch (WeftException e) {
            LOG.warn("the kernel is not as it was made, and could not be put right; this is tried again: {}", e.getMessage());
            wanted(true);
        } catch (RuntimeException | Error e) { // nobody waits for it who would be told
            LOG.warn("the kernel could not be looked at; this is tried again", e);
            wanted(true);
        }
    }

    /** Does not wait for an audit that is under way. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
