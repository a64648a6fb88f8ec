package dev.weft.mesh.keys;

import dev.weft.api.path.SaUsage;
import dev.weft.mesh.schedule.Worker;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the time of a key ring, and its eye on how much each SA is used. It does so whether or not anybody can talk to the peers: keys
 * end when their life is over.
 */
public final class KeyClock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyClock.class);
    private static final long TICK_MILLIS = 200;
    /** A kernel's SAs are read by a dump: once a second. */
    private static final int TICKS_A_LOOK = 5;

    private final KeyRing ring;
    private final Supplier<List<SaUsage>> usage;
    private final Worker worker;
    private final AtomicBoolean runs = new AtomicBoolean();
    private long ticks;

    /** @param usage of the SAs in the data path */
    public KeyClock(KeyRing ring, Supplier<List<SaUsage>> usage, Worker worker) {
        this.ring = ring;
        this.usage = usage;
        this.worker = worker;
    }

    /** Something is shared: ticks from now on, until nothing is any more. Idempotent. */
    public void wake() {
        if (runs.compareAndSet(false, true)) {
            worker.schedule(this::tick, TICK_MILLIS);
        }
    }

    private void tick() {
        try {
            ring.tick();
            if (ticks++ % TICKS_A_LOOK == 0) {
                ring.used(usage.get());
            }
        } catch (RuntimeException e) {
            LOG.error("keys: unexpected", e);
        }
        if (ring.isIdle()) {
            runs.set(false);
        } else {
            worker.schedule(this::tick, TICK_MILLIS);
        }
    }

    @Override
    public void close() {
        worker.close();
    }
}
