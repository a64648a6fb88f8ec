package dev.weft.mesh.health;

import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.RetryDelay;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes the endpoints of this node that have a health check, and tells the cluster when the health of one changes. One worker decides,
 * another one waits for the store; each try has a thread of its own. Thread-safe.
 */
public final class HealthKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HealthKeeper.class);

    /** One endpoint; the deciding worker's, but for what is told. */
    private static final class Checked {
        private final EndpointRecord endpoint;
        private HealthState state;
        /** Number of the last try, so that an end that comes too late is known as such. */
        private long attempt;
        /** Until the deciding worker has heard how the try ended, which is after its timeout perhaps. */
        private volatile Thread running;
        private final AtomicReference<HealthStatus> told;

        Checked(EndpointRecord endpoint, HealthState state) {
            this.endpoint = endpoint;
            this.state = state;
            this.told = new AtomicReference<>(endpoint.health());
        }
    }

    private final Prober prober;
    private final BiConsumer<EndpointRecord, HealthStatus> tell;
    private final LongSupplier nanoTime;
    private final Worker worker;
    private final Worker teller;
    private final Map<String, Checked> checked = new ConcurrentHashMap<>();

    /**
     * @param tell     writes the health of an endpoint into the store
     * @param nanoTime the clock
     */
    public HealthKeeper(String node, Prober prober, BiConsumer<EndpointRecord, HealthStatus> tell, LongSupplier nanoTime, Scheduler scheduler) {
        this.prober = prober;
        this.tell = tell;
        this.nanoTime = nanoTime;
        this.worker = scheduler.worker("weft-health-" + node);
        this.teller = scheduler.worker("weft-health-tell-" + node);
    }

    private static String key(EndpointRecord endpoint) {
        return endpoint.network() + "/" + endpoint.name();
    }

    /** From now on the endpoint is probed; its record says what the cluster knows of its health. */
    public void begin(EndpointRecord endpoint, HealthCheck check) {
        worker.schedule(() -> {
            Checked each = new Checked(endpoint, HealthState.begin(check, endpoint.health(), nanoTime.getAsLong()));
            checked.put(key(endpoint), each);
            attempt(each);
        }, 0);
    }

    /** It is not probed any more. */
    public void end(EndpointRecord endpoint) {
        worker.schedule(() -> {
            Checked each = checked.remove(key(endpoint));
            if (each != null && each.running != null) {
                each.running.interrupt();
            }
        }, 0);
    }

    private boolean isPresent(Checked each) {
        return checked.get(key(each.endpoint)) == each;
    }

    private void attempt(Checked each) {
        if (!isPresent(each)) {
            return;
        }
        HealthCheck check = each.state.check();
        long number = ++each.attempt;
        if (each.running != null) {
            ended(each, number, Optional.of("an earlier try has not ended yet"));
            return;
        }
        each.running = Thread.ofVirtual().name("weft-probe").start(() -> {
            Optional<String> failure = prober.attempt(each.endpoint.attachment(), each.endpoint.addresses().getFirst(), check);
            worker.schedule(() -> {
                each.running = null;
                ended(each, number, failure);
            }, 0);
        });
        worker.schedule(() -> {
            if (each.attempt == number && each.running != null) { // null: it ended after the endpoint did, and nobody counts it
                each.running.interrupt();
                ended(each, number, Optional.of("no answer within " + check.timeout().toMillis() + " ms"));
            }
        }, check.timeout().toMillis());
    }

    private void ended(Checked each, long number, Optional<String> failure) {
        if (each.attempt != number || !isPresent(each)) {
            return;
        }
        each.attempt++;
        Health before = each.state.health();
        each.state = failure.map(why -> each.state.failed(why, nanoTime.getAsLong())).orElseGet(each.state::succeeded);
        if (each.state.health() != before) {
            LOG.info("endpoint '{}' of network '{}' is {} {}", each.endpoint.name(), each.endpoint.network(), each.state.health(),
                    each.state.reason());
            HealthStatus status = each.state.status();
            each.told.set(status);
            teller.schedule(() -> tell(each, status, 1), 0);
        }
        worker.schedule(() -> attempt(each), each.state.untilNext().toMillis());
    }

    /** While the store is away the cluster goes on with what it knows; what is older than the newest is not told any more. */
    private void tell(Checked each, HealthStatus status, int round) {
        if (each.told.get() != status) {
            return;
        }
        try {
            tell.accept(each.endpoint, status);
        } catch (WeftException e) {
            LOG.debug("the health of endpoint '{}' could not be told and will be tried again: {}", each.endpoint.name(), e.getMessage());
            teller.schedule(() -> tell(each, status, round + 1), RetryDelay.afterMillis(round));
        }
    }

    /** Nobody is probed any more. Idempotent. */
    @Override
    public void close() {
        worker.close();
        teller.interrupt();
        checked.values().stream().map(each -> each.running).filter(Objects::nonNull).forEach(Thread::interrupt);
    }
}
