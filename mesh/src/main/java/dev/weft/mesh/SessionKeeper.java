package dev.weft.mesh;

import dev.weft.api.WeftException;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.RetryDelay;
import dev.weft.mesh.store.ClusterStore;
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
public final class SessionKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);

    private final String name;
    private final Runnable register;
    private final Worker worker;
    private volatile boolean connected = true;
    private int failures;
    private boolean gone;

    /**
     * @param register enters the node again; idempotent, called on this object's worker
     */
    SessionKeeper(String name, ClusterStore store, Runnable register, Scheduler scheduler) {
        this.name = name;
        this.register = register;
        this.worker = scheduler.worker("weft-session-" + name);
        store.onConnection(this::connectionChanged);
        // the session may have ended after the node registered and before this listened
        worker.schedule(this::comeBack, 0);
    }

    /** Whether the store answers, as far as is known. */
    boolean isConnected() {
        return connected;
    }

    private void connectionChanged(ClusterStore.Connection connection) {
        connected = connection == ClusterStore.Connection.CONNECTED;
        LOG.info("node {}: cluster store {}", name, connection);
        if (connected) {
            worker.schedule(this::comeBack, 0);
        }
    }

    private void comeBack() {
        try {
            registerUnlessGone();
            failures = 0;
        } catch (RuntimeException e) {
            failures++;
            LOG.warn("node {} could not enter its cluster again and will try once more: {}", name, e.getMessage(),
                    e instanceof WeftException ? null : e);
            if (connected) {
                worker.schedule(this::comeBack, RetryDelay.afterMillis(failures));
            }
        }
    }

    private synchronized void registerUnlessGone() {
        if (!gone) {
            register.run();
        }
    }

    /** Takes the node out of its cluster for good, unless that fails: it is not entered again meanwhile, nor later. */
    synchronized void depart(Runnable forget) {
        forget.run();
        gone = true;
    }

    /** Idempotent; returns when nothing is under way any more. */
    @Override
    public void close() {
        worker.interrupt();
    }
}
