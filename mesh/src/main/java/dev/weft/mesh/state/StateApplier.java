package dev.weft.mesh.state;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a data path as the cluster's state wants it. One thread of its own computes the state and applies it; changes that
 * arrive meanwhile make one further round.
 *
 * <pre>
 *              changed()                    all is so
 *    IDLE ------------------> APPLYING ------------------> IDLE
 *                             ^      |
 *    changed(), or time is up |      | an endpoint, or all, failed
 *                             |      v
 *                             WAITING (100 ms, doubled each time to 5 s)
 * </pre>
 */
public final class StateApplier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StateApplier.class);

    private final DataPath path;
    private final Thread thread;
    private LongFunction<DataPathState> source;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition roundEnded = lock.newCondition();
    private boolean changed = true;
    private boolean closed;
    private Round last = Round.NONE;

    public StateApplier(String name, DataPath path) {
        this.path = path;
        this.thread = Thread.ofPlatform().daemon().name("weft-apply-" + name).unstarted(this::run);
    }

    /**
     * Begins, once. The first round also removes what an earlier process left behind.
     *
     * @param stateOfEpoch computes the state; called on this object's thread
     */
    public void start(LongFunction<DataPathState> stateOfEpoch) {
        source = stateOfEpoch;
        thread.start();
    }

    /** The state may be another now. Never blocks for long. */
    public void changed() {
        lock.lock();
        try {
            changed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Round round = Round.NONE;
        int failures = 0;
        for (long epoch = 1; awaitWork(failures); epoch++) {
            Round next = round.next(epoch, source, path);
            next.logWhatIsNew(round, LOG);
            failures = next.isClean() ? 0 : failures + 1;
            publish(next);
            round = next;
        }
    }

    /** @return false when it is time to end */
    private boolean awaitWork(int failures) {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(failures == 0 ? 0 : RetryDelay.afterMillis(failures));
            while (!changed && !closed && (failures == 0 || nanos > 0)) {
                if (failures == 0) {
                    work.await();
                } else {
                    nanos = work.awaitNanos(nanos);
                }
            }
            changed = false;
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void publish(Round round) {
        lock.lock();
        try {
            last = round;
            roundEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the data path carries an endpoint of this node.
     *
     * @throws WeftException the reason why it does not
     */
    public void awaitCarried(EndpointId endpoint, Duration patience) {
        if (!await(round -> {
            round.failureOf(endpoint).ifPresent(failure -> {
                throw failure;
            });
            return round.carries(endpoint);
        }, patience)) {
            throw new WeftException.DataPathFailed("the data path did not take up endpoint " + endpoint + " within " + patience.toSeconds()
                    + " s; look at the node's log, and try again");
        }
    }

    /** Waits until the data path knows an external endpoint, if it has the network at all. */
    public void awaitKnown(EndpointId endpoint, Duration patience) {
        await(round -> round.carries(endpoint) || !round.hasNetwork(endpoint.vni()), patience);
    }

    /** Waits until nothing of an endpoint is left in the data path, or the data path as a whole cannot go on. */
    public void awaitGone(EndpointId endpoint, Duration patience) {
        if (!await(round -> !round.wants(endpoint) || round.broken() != null, patience)) {
            LOG.warn("the data path did not let go of endpoint {} within {} s", endpoint, patience.toSeconds());
        }
    }

    /** Waits for the end of the first round. */
    public void awaitFirstRound(Duration patience) {
        await(round -> true, patience);
    }

    private boolean await(Predicate<Round> condition, Duration patience) {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (last == Round.NONE || !condition.test(last)) {
                if (closed) {
                    throw new WeftException.NodeClosed("the node was closed meanwhile");
                }
                if (nanos <= 0) {
                    return false;
                }
                nanos = roundEnded.awaitNanos(nanos);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread when its round has ended. The data path stays open and as it is. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
            roundEnded.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
