package dev.weft.mesh.gateway;

import dev.weft.mesh.udp.Idle;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that serves the gateways of all networks whose data path gives frames; it begins with the first of them. */
final class FrameGateways implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FrameGateways.class);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** How late the first question after a silence may be answered: names are asked for seldom, and an idle node is to cost nothing. */
    private static final long LONGEST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private volatile List<FrameGateway> gateways = List.of();
    private volatile boolean closed;
    private Thread thread;

    /** @param name of the node */
    FrameGateways(String name) {
        this.name = name;
    }

    /** Serves these from now on, and no others. One caller at a time. */
    void serve(Collection<FrameGateway> all) {
        gateways = List.copyOf(all);
        if (thread == null && !gateways.isEmpty()) {
            thread = Thread.ofPlatform().name("weft-names-" + name).daemon().start(this::run);
        }
    }

    /** Any thread: there is something to send. */
    void wake() {
        LockSupport.unpark(thread);
    }

    private void run() {
        Idle idle = new Idle(LONGEST_PARK_NANOS);
        long tick = System.nanoTime();
        while (!closed) {
            int work = 0;
            for (FrameGateway gateway : gateways) {
                work += poll(gateway);
            }
            if (work > 0) {
                idle.reset();
            } else {
                idle.idle();
            }
            long now = System.nanoTime();
            if (now - tick >= TICK_NANOS) {
                tick = now;
                gateways.forEach(gateway -> tick(gateway, now));
            }
        }
    }

    private static void tick(FrameGateway gateway, long now) {
        try {
            gateway.tick(now);
        } catch (RuntimeException e) {
            LOG.error("a connection to a gateway failed unexpectedly", e);
        }
    }

    /** What one question breaks must not keep the others from their answers. */
    private static int poll(FrameGateway gateway) {
        try {
            return gateway.poll();
        } catch (RuntimeException e) {
            LOG.error("a question to a gateway failed unexpectedly", e);
            return 1;
        }
    }

    /** Returns when the thread has ended. Idempotent. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
