package dev.weft.mesh.simulation;

import dev.weft.mesh.schedule.Monitor;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** One process of the simulation: what runs in it ends at once when it is killed. */
public final class Process implements Scheduler {

    /** Unwinds whatever runs in a killed process. An error, so that nothing under test catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private final VirtualTime time;
    private final Set<Runnable> whenKilled = new LinkedHashSet<>();
    private boolean killed;

    public Process(VirtualTime time) {
        this.time = time;
    }

    public void spawn(Runnable body) {
        time.spawn(this, body);
    }

    public boolean isKilled() {
        return killed;
    }

    public void kill() {
        killed = true;
        List.copyOf(whenKilled).forEach(Runnable::run);
        whenKilled.clear();
    }

    void add(Runnable onKill) {
        whenKilled.add(onKill);
    }

    void remove(Runnable onKill) {
        whenKilled.remove(onKill);
    }

    void requireAlive() {
        if (killed) {
            throw new Killed();
        }
    }

    @Override
    public Worker worker(String name) {
        return new FiberWorker();
    }

    @Override
    public Monitor monitor() {
        return new SignalMonitor();
    }

    private final class FiberWorker implements Worker {
        private final Queue<Runnable> due = new ArrayDeque<>();
        private final VirtualTime.Signal idle = time.signal();
        private boolean busy;
        private boolean closed;

        @Override
        public void schedule(Runnable task, long delayMillis) {
            time.after(delayMillis * 1_000, () -> {
                if (!closed && !killed) {
                    due.add(task);
                    begin();
                }
            });
        }

        private void begin() {
            if (!busy) {
                busy = true;
                spawn(this::work);
            }
        }

        private void work() {
            try {
                while (!closed && !due.isEmpty()) {
                    time.sleep(Timing.WAKE_UP);
                    if (!closed) {
                        due.remove().run();
                    }
                }
            } finally {
                busy = false;
                idle.raise();
            }
        }

        @Override
        public void interrupt() {
            close();
        }

        @Override
        public void close() {
            closed = true;
            while (busy) {
                idle.await(time.micros() + Duration.ofHours(1).toNanos() / 1_000);
            }
        }
    }

    private final class SignalMonitor implements Monitor {
        private final VirtualTime.Signal changed = time.signal();

        @Override
        public void change(Runnable change) {
            change.run();
            changed.raise();
        }

        @Override
        public boolean await(BooleanSupplier condition, Duration patience) {
            long end = time.micros() + patience.toNanos() / 1_000;
            while (!condition.getAsBoolean()) {
                if (time.micros() >= end) {
                    return false;
                }
                changed.await(end);
            }
            return true;
        }
    }
}
