package dev.weft.mesh.state;

import dev.weft.mesh.schedule.Worker;
import java.util.ArrayDeque;
import java.util.Deque;

/** Runs a task when it is told that the time has come, or at once. */
final class HandWorker implements Worker {

    private final boolean atOnce;
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    HandWorker(boolean atOnce) {
        this.atOnce = atOnce;
    }

    @Override
    public void schedule(Runnable task, long delayMillis) {
        if (atOnce) {
            task.run();
        } else {
            waiting.add(task);
        }
    }

    /** Runs the task that has waited longest. */
    void timeIsUp() {
        waiting.remove().run();
    }

    @Override
    public void interrupt() {
        close();
    }

    @Override
    public void close() {
        waiting.clear();
    }
}
