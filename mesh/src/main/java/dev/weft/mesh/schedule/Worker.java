package dev.weft.mesh.schedule;

/** Runs tasks one at a time, in the order in which they are due. Thread-safe. */
public interface Worker extends AutoCloseable {

    /** Never blocks. Does nothing once the worker is closed. */
    void schedule(Runnable task, long delayMillis);

    /** Lets what is under way end soon, by interrupting it, and then closes. */
    void interrupt();

    /** Drops what has not begun, and returns when nothing is under way any more. Idempotent; not for the worker's own tasks. */
    @Override
    void close();
}
