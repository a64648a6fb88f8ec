package dev.weft.mesh;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PublishedState;
import dev.weft.mesh.ingress.IngressPlan;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.NetworkView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets this node take part in the ingress network as long as anything is published, and no longer: hears which network it is, attaches
 * what {@link IngressPlan} says, and has the port publisher follow. On a worker of its own, because to attach takes a while.
 *
 * <pre>
 *              changed()                     all is so
 *    IDLE ------------------> IN A ROUND ------------------> IDLE (looks at everything a minute later)
 *                             ^        |
 *    changed(), or time is up |        | something failed
 *                             |        v
 *                             WAITING (1 s, doubled each time to a minute)
 * </pre>
 */
final class IngressKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngressKeeper.class);
    private static final long SHORTEST_MS = 1_000;
    private static final long LONGEST_MS = 60_000;

    private final String self;
    private final ClusterWatch watch;
    private final LocalEndpoints endpoints;
    private final PortPublisher publisher;
    private final Worker worker;
    private final AtomicBoolean roundToCome = new AtomicBoolean();
    private Optional<String> watched = Optional.empty();
    private int failures;
    private long rounds;
    private Map<String, String> last = Map.of();
    /** What the publisher has made; null: not known. */
    private PublishedState made;

    IngressKeeper(String self, String nodeName, ClusterWatch watch, LocalEndpoints endpoints, PortPublisher publisher, Scheduler scheduler) {
        this.self = self;
        this.watch = watch;
        this.endpoints = endpoints;
        this.publisher = publisher;
        this.worker = scheduler.worker("weft-ingress-" + nodeName);
    }

    void start() {
        watch.watchIngress();
        changed();
    }

    /** The cluster may be another now. Never blocks. */
    void changed() {
        if (roundToCome.compareAndSet(false, true)) {
            worker.schedule(this::round, 0);
        }
    }

    private void round() {
        roundToCome.set(false);
        long number = ++rounds;
        Map<String, String> failed = new TreeMap<>();
        boolean busy = attempt(failed, "ingress", () -> follow(failed));
        failed.entrySet().stream().filter(entry -> !last.entrySet().contains(entry))
                .forEach(entry -> LOG.warn("published ports: {}: {}", entry.getKey(), entry.getValue()));
        last = failed;
        failures = failed.isEmpty() ? 0 : failures + 1;
        if (busy) {
            worker.schedule(() -> {
                if (rounds == number) {
                    made = null;
                    round();
                }
            }, failed.isEmpty() ? LONGEST_MS : Math.min(LONGEST_MS, SHORTEST_MS << Math.min(failures - 1, 10)));
        }
    }

    private boolean attempt(Map<String, String> failed, String what, Runnable step) {
        try {
            step.run();
            return watched.isPresent();
        } catch (WeftException e) {
            failed.put(what, e.getMessage());
            return true;
        } catch (RuntimeException e) { // there is a next round in any case
            LOG.error("published ports: {}", what, e);
            failed.put(what, e.toString());
            return true;
        }
    }

    private void follow(Map<String, String> failed) {
        Optional<String> named = watch.ingress();
        if (!named.equals(watched)) {
            watched.ifPresent(this::leave);
            watched = Optional.empty();
            named.ifPresent(watch::retain);
            watched = named;
        }
        Optional<NetworkView> ingress = view();
        if (ingress.isEmpty()) {
            watched.ifPresent(name -> detachAll(name, failed));
            publish(IngressPlan.NONE.state());
            return;
        }
        IngressPlan plan = plan(ingress.get());
        if (plan.members().isEmpty()) {
            publish(plan.state()); // no question before there can be an answer, and none after that
        }
        attach(ingress.get(), plan, failed);
        standIn(ingress.get().network().name(), plan.origins(), failed);
        view().ifPresent(now -> {
            publish(plan(now).state());
            reportHealth(now, plan.origins(), failed);
        });
    }

    private void publish(PublishedState state) {
        if (!state.equals(made)) {
            made = null;
            publisher.apply(state);
            made = state;
        }
    }

    private Optional<NetworkView> view() {
        return watch.view().networks().stream().filter(part -> watched.filter(part.network().name()::equals).isPresent()).findFirst();
    }

    private IngressPlan plan(NetworkView ingress) {
        return IngressPlan.of(watch.view(), ingress, endpoints.records(), self, publisher.answers());
    }

    private void leave(String network) {
        publish(IngressPlan.NONE.state());
        detachAll(network, new TreeMap<>());
        watch.release(network);
    }

    private void detachAll(String network, Map<String, String> failed) {
        endpoints.of(network).forEach(member -> attempt(failed, member.record().name(), () -> endpoints.detach(member)));
    }

    /** A member of another kind than wanted, or of an ingress network that was removed, goes first. */
    private void attach(NetworkView ingress, IngressPlan plan, Map<String, String> failed) {
        List<WeftEndpoint> present = endpoints.of(ingress.network().name());
        for (WeftEndpoint member : present) {
            EndpointSpec wanted = plan.members().get(member.record().name());
            boolean known = ingress.endpoints().find(member.record().name()).filter(member.record()::isSame).isPresent();
            if (wanted == null || !known || !wanted.attachment().equals(member.record().attachment())) {
                attempt(failed, member.record().name(), () -> endpoints.detach(member));
            }
        }
        plan.members().forEach((name, spec) -> {
            if (endpoints.find(ingress.network().name(), name).isEmpty()) {
                attempt(failed, name, () -> endpoints.attach(ingress.network(), spec));
            }
        });
    }

    /** What comes to a member in this process is for the endpoint of this process that it stands for. */
    private void standIn(String ingress, Map<String, EndpointRecord> origins, Map<String, String> failed) {
        origins.forEach((name, origin) -> endpoints.find(ingress, name)
                .filter(member -> member.record().attachment() instanceof Attachment.InProcess)
                .ifPresent(member -> attempt(failed, name, () -> member.standFor(() -> endpoints.find(origin.network(), origin.name())))));
    }

    /** A backend is as well by published ports as it is in its own network; until its way back is made it gets no flows by them. */
    private void reportHealth(NetworkView ingress, Map<String, EndpointRecord> origins, Map<String, String> failed) {
        origins.forEach((name, origin) -> endpoints.healthOf(origin).ifPresent(health -> ingress.endpoints().find(name)
                .filter(member -> !member.health().equals(health))
                .ifPresent(member -> attempt(failed, name, () -> endpoints.report(member, health)))));
    }

    /** Takes the publisher's rules away. Idempotent. What was attached stays on record, as all that the node attached. */
    @Override
    public void close() {
        worker.interrupt();
        publisher.close();
    }
}
