package dev.weft.mesh.schedule;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's clock, and a daemon thread for each worker. */
public final class SystemScheduler implements Scheduler {

    private static final Logger LOG = LoggerFactory.getLogger(SystemScheduler.class);

    @Override
    public Worker worker(String name) {
        return new ThreadWorker(name);
    }

    @Override
    public Monitor monitor() {
        return new LockMonitor();
    }

    private static final class ThreadWorker implements Worker {
        private final ScheduledThreadPoolExecutor thread;

        ThreadWorker(String name) {
            thread = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        public void schedule(Runnable task, long delayMillis) {
            try {
                thread.schedule(() -> run(task), delayMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("a task came after its worker was closed");
            }
        }

        /** The executor would keep what a task throws to itself. */
        private static void run(Runnable task) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("a task failed unexpectedly", e);
                throw e;
            }
        }

        @Override
        public void interrupt() {
            thread.shutdownNow();
            thread.close();
        }

        @Override
        public void close() {
            thread.close();
        }
    }

    private static final class LockMonitor implements Monitor {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        @Override
        public void change(Runnable change) {
            lock.lock();
            try {
                change.run();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
            lock.lock();
            try {
                long nanos = patience.toNanos();
                while (!condition.getAsBoolean()) {
                    if (nanos <= 0) {
                        return false;
                    }
                    nanos = changed.awaitNanos(nanos);
                }
                return true;
            } finally {
                lock.unlock();
            }
        }
    }
}
