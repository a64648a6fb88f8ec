package dev.weft.mesh;

import dev.weft.api.WeftException;
import dev.weft.mesh.state.RetryDelay;
import dev.weft.mesh.store.ClusterStore;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a node back into its cluster whenever the store answers again. Packets flow on meanwhile.
 *
 * <pre>
 *                 LOST or SUSPENDED                CONNECTED
 *    REGISTERED ---------------------> ALONE ------------------> REGISTERING --- done ---> REGISTERED
 *                                        ^                        |      ^ |
 *                                        +--- LOST or SUSPENDED --+      +-+ failed: again after 100 ms to 5 s
 * </pre>
 */
final class SessionKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);

    private final String name;
    private final Runnable register;
    private final ScheduledExecutorService thread;
    private volatile boolean connected = true;
    private int failures;

    /**
     * @param register enters the node again; idempotent, called on this object's thread
     */
    SessionKeeper(String name, ClusterStore store, Runnable register) {
        this.name = name;
        this.register = register;
        this.thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("weft-session-" + name).factory());
        store.onConnection(this::connectionChanged);
    }

    /** Whether the store answers, as far as is known. */
    boolean isConnected() {
        return connected;
    }

    private void connectionChanged(ClusterStore.Connection connection) {
        connected = connection == ClusterStore.Connection.CONNECTED;
        LOG.info("node {}: cluster store {}", name, connection);
        if (connected) {
            schedule(0);
        }
    }

    private void schedule(long delayMillis) {
        try {
            thread.schedule(this::comeBack, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("node {} is closed", name);
        }
    }

    private void comeBack() {
        try {
            register.run();
            failures = 0;
        } catch (RuntimeException e) {
            failures++;
            LOG.warn("node {} could not enter its cluster again and will try once more: {}", name, e.getMessage(),
                    e instanceof WeftException ? null : e);
            if (connected) {
                schedule(RetryDelay.afterMillis(failures));
            }
        }
    }

    /** Idempotent; returns when nothing is under way any more. */
    @Override
    public void close() {
        thread.shutdownNow();
        thread.close();
    }
}
