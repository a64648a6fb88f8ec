package dev.weft.mesh.schedule;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a port waits for after a connection that it could not take: whoever is out of descriptors is so for a while, and would fill the log. */
public final class AcceptPause {

    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private AcceptPause() {
    }

    /** A tenth of a second, or less when the thread is woken or interrupted. */
    public static void take() {
        LockSupport.parkNanos(NANOS);
    }
}
