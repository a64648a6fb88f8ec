package dev.weft.mesh.state;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.mesh.schedule.Monitor;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a data path as the cluster's state wants it. A worker of its own computes the state and applies it; changes that
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

    /** Hears of what was made so. */
    public interface Listener {

        /**
         * @param state     that the data path was asked to carry
         * @param isCarried whether it could take it up as a whole; endpoints that could not be made aside
         */
        void roundEnded(DataPathState state, boolean isCarried);
    }

    private static final Logger LOG = LoggerFactory.getLogger(StateApplier.class);

    private final Function<DataPathState, Map<EndpointId, WeftException>> path;
    private final Worker worker;
    private final Monitor rounds;
    private LongFunction<DataPathState> source;
    private Listener listener;

    /** Whether a round is to come that will see every change made so far; {@link #start} schedules the first one. */
    private final AtomicBoolean roundToCome = new AtomicBoolean(true);
    /** Of the last round; the worker's. */
    private long epoch;
    private int failures;
    /** Changed in {@link #rounds}. */
    private Round last = Round.NONE;
    private boolean closed;

    /** @param path makes a state so, see {@link dev.weft.api.path.DataPath#apply} */
    public StateApplier(String name, Function<DataPathState, Map<EndpointId, WeftException>> path, Scheduler scheduler) {
        this.path = path;
        this.worker = scheduler.worker("weft-apply-" + name);
        this.rounds = scheduler.monitor();
    }

    /**
     * Begins, once. The first round also removes what an earlier process left behind.
     *
     * @param stateOfEpoch computes the state; called on this object's worker
     * @param whenEnded    told of each round's end before anybody who waits for it; on the same worker
     */
    public void start(LongFunction<DataPathState> stateOfEpoch, Listener whenEnded) {
        source = stateOfEpoch;
        listener = whenEnded;
        worker.schedule(this::round, 0);
    }

    /** The state may be another now. Never blocks for long. */
    public void changed() {
        if (roundToCome.compareAndSet(false, true)) {
            worker.schedule(this::round, 0);
        }
    }

    private void round() {
        roundToCome.set(false);
        Round next = last.next(++epoch, source, path);
        next.logWhatIsNew(last, LOG);
        failures = next.isClean() ? 0 : failures + 1;
        listener.roundEnded(next.state(), next.broken() == null);
        rounds.change(() -> last = next);
        if (failures > 0) {
            retryAfter(epoch);
        }
    }

    /** Unless there has been another round by then. */
    private void retryAfter(long failed) {
        worker.schedule(() -> {
            if (epoch == failed) {
                round();
            }
        }, RetryDelay.afterMillis(failures));
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
            if (Thread.currentThread().isInterrupted()) {
                throw new WeftException.DataPathFailed("interrupted before the data path had taken up endpoint " + endpoint + "; attach it again");
            }
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
        if (!await(round -> !round.wants(endpoint) || round.broken() != null, patience) && !Thread.currentThread().isInterrupted()) {
            LOG.warn("the data path did not let go of endpoint {} within {} s", endpoint, patience.toSeconds());
        }
    }

    /** Waits for the end of the first round. */
    public void awaitFirstRound(Duration patience) {
        await(round -> true, patience);
    }

    private boolean await(Predicate<Round> condition, Duration patience) {
        try {
            return rounds.await(() -> {
                if (last != Round.NONE && condition.test(last)) {
                    return true;
                }
                if (closed) {
                    throw new WeftException.NodeClosed("the node was closed meanwhile");
                }
                return false;
            }, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends when its round has ended. The data path stays open and as it is. Idempotent. */
    @Override
    public void close() {
        rounds.change(() -> closed = true);
        worker.close();
    }
}
