package dev.weft.mesh.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;

/**
 * A clock that jumps from event to event, and fibers that wait by it. Whatever waits gives its turn back to the loop, so exactly
 * one thread runs at any moment, and the same seed gives the same history however busy the machine is.
 *
 * <p>Owner: the thread that calls {@link #run}, and the fiber whose turn it is. The owner of the loop may wait as well: the loop
 * then runs inside the wait.
 */
public final class VirtualTime {

    private record Event(long micros, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return micros != other.micros ? Long.compare(micros, other.micros) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Semaphore loopsTurn = new Semaphore(0);
    private final List<Throwable> failures = new ArrayList<>();
    private Fiber current;
    private long micros;
    private long scheduled;

    /** Since the beginning. */
    public long micros() {
        return micros;
    }

    public void after(long delayMicros, Runnable action) {
        events.add(new Event(micros + delayMicros, scheduled++, action));
    }

    /** Begins something that may wait. */
    void spawn(Process process, Runnable body) {
        after(0, () -> new Fiber(process, body).resume());
    }

    /** Runs all that is due within so much time. */
    public void run(Duration duration) {
        long end = micros + duration.toNanos() / 1_000;
        while (step(end)) {
            throwFailure();
        }
        throwFailure();
    }

    /** Whether there was something to do; else the time is as given. */
    private boolean step(long end) {
        if (events.isEmpty() || events.peek().micros() > end) {
            micros = end;
            return false;
        }
        Event next = events.poll();
        micros = next.micros();
        next.action().run();
        return true;
    }

    /** What a fiber or a worker's task threw and nobody caught: a bug in what is simulated, or in the simulation. */
    void failed(Throwable failure) {
        failures.add(failure);
    }

    private void throwFailure() {
        if (!failures.isEmpty()) {
            throw new AssertionError("something failed unexpectedly in the simulation", failures.getFirst());
        }
    }

    Signal signal() {
        return new Signal();
    }

    /** Something that those who wait are told of. */
    final class Signal {
        private final List<Runnable> waiting = new ArrayList<>();

        /** Lets all who wait look again, in the order in which they began to. */
        void raise() {
            List<Runnable> woken = List.copyOf(waiting);
            waiting.clear();
            woken.forEach(wake -> after(0, wake));
        }

        /** Returns when the signal was raised, and at the given time at the latest; without a reason sometimes. */
        void await(long untilMicros) {
            if (current == null) {
                step(untilMicros);
                throwFailure();
                return;
            }
            Fiber fiber = current;
            Runnable wake = fiber.wakeUp();
            waiting.add(wake);
            after(untilMicros - micros, () -> {
                waiting.remove(wake);
                wake.run();
            });
            fiber.park();
        }
    }

    void sleep(long delayMicros) {
        long end = micros + delayMicros;
        Signal never = new Signal();
        while (micros < end) {
            never.await(end);
        }
    }

    /** A thread that runs only in its turn. */
    private final class Fiber {
        private final Process process;
        private final Semaphore turn = new Semaphore(0);
        private final Thread thread;
        private final Runnable wakeWhenKilled = this::wakeWhenKilled;
        private long parkings;
        private boolean begun;
        private boolean parked;

        Fiber(Process process, Runnable body) {
            this.process = process;
            this.thread = Thread.ofVirtual().unstarted(() -> run(body));
            process.add(wakeWhenKilled);
        }

        private void run(Runnable body) {
            try {
                process.requireAlive();
                body.run();
            } catch (Process.Killed e) {
                // it is gone, as a process is after SIGKILL
            } catch (RuntimeException | Error e) {
                failed(e);
            } finally {
                process.remove(wakeWhenKilled);
                loopsTurn.release();
            }
        }

        /** Called by the loop; returns when the fiber waits or has ended. */
        void resume() {
            Fiber before = current;
            current = this;
            if (begun) {
                turn.release();
            } else {
                begun = true;
                thread.start();
            }
            loopsTurn.acquireUninterruptibly();
            current = before;
        }

        Runnable wakeUp() {
            long ticket = parkings + 1;
            return () -> {
                if (parked && parkings == ticket) {
                    resume();
                }
            };
        }

        private void wakeWhenKilled() {
            after(0, () -> {
                if (parked) {
                    resume();
                }
            });
        }

        void park() {
            process.requireAlive();
            parkings++;
            parked = true;
            loopsTurn.release();
            turn.acquireUninterruptibly();
            parked = false;
            process.requireAlive();
        }
    }
}
