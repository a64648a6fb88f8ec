package dev.weft.mesh.ensemble;

import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.ensemble.EnsemblePlanner.Manager;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cluster store's ensemble as {@link EnsemblePlanner} wants it. Every manager has one; that of the leader acts, and
 * an ensemble that somebody else has changed meanwhile is left alone until the next look.
 */
public final class EnsembleKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EnsembleKeeper.class);
    private static final long LOOK_AGAIN_MS = 500;

    private final int own;
    private final BooleanSupplier leads;
    private final EnsembleControl control;
    private final Registries registries;
    private final LongSupplier nanoClock;
    private final Worker worker;
    private final PresenceTracker presences = new PresenceTracker();

    /**
     * @param own   number of this manager's server
     * @param leads whether that one leads
     */
    public EnsembleKeeper(int own, BooleanSupplier leads, EnsembleControl control, Registries registries, Scheduler scheduler,
                          LongSupplier nanoClock) {
        this.own = own;
        this.leads = leads;
        this.control = control;
        this.registries = registries;
        this.nanoClock = nanoClock;
        this.worker = scheduler.worker("weft-ensemble-" + own);
        worker.schedule(this::look, 0);
    }

    private void look() {
        try {
            if (leads.getAsBoolean()) {
                keep();
            }
        } catch (WeftException e) {
            LOG.debug("server {} could not look after the ensemble: {}", own, e.getMessage());
        } catch (RuntimeException e) { // there is a next look in any case: nobody else replaces a voter that is gone
            LOG.warn("server {} could not look after the ensemble", own, e);
        }
        worker.schedule(this::look, LOOK_AGAIN_MS);
    }

    /** One look, and at most one change. */
    void keep() {
        EnsembleControl.Configuration now = control.configuration();
        List<ServerRecord> servers = registries.servers().all();
        Map<Integer, Manager> managers = managers(servers);
        Optional<Ensemble> next = EnsemblePlanner.next(managers, now.ensemble(), own);
        if (control.change(now.version(), next.orElse(now.ensemble()), servers)) {
            next.ifPresent(ensemble -> LOG.info("ensemble: {} vote, {} stand by", ensemble.voters(), ensemble.observers()));
            servers.stream().filter(server -> !managers.get(server.number()).wanted() && !now.ensemble().contains(server.number()))
                    .forEach(server -> registries.servers().remove(server.number()));
        }
    }

    /** A server whose node is not a member any more is not wanted. */
    private Map<Integer, Manager> managers(List<ServerRecord> servers) {
        Set<String> members = registries.membership().nodes().stream().map(NodeRecord::id).collect(Collectors.toSet());
        Set<String> live = registries.membership().live();
        long now = nanoClock.getAsLong();
        return servers.stream().collect(Collectors.toMap(ServerRecord::number, Function.identity())).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> new Manager(presences.of(each.getValue().node(), live, now),
                        each.getValue().wanted() && members.contains(each.getValue().node()))));
    }

    /** Idempotent. */
    @Override
    public void close() {
        worker.interrupt();
    }
}
