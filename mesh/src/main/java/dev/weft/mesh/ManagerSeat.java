package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.ensemble.EnsembleControl;
import dev.weft.mesh.ensemble.EnsembleKeeper;
import dev.weft.mesh.ensemble.StoreLocator;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.RetryDelay;
import dev.weft.mesh.store.Subtree;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's place among the managers, as its record says; and where it finds the cluster store, wherever that is.
 *
 * <pre>
 *            record says manager              server started, entered, keeper runs
 *   WORKER ----------------------> TAKING ---------------------------------------> SEATED
 *     ^                             ^  |                                              | record says worker
 *     |                             +--+ failed: again after 100 ms to 5 s            v
 *     +------- server stopped, its data removed -------------------------------- DISMISSED: until the ensemble is without it
 * </pre>
 */
final class ManagerSeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManagerSeat.class);

    private final NodeRecord node;
    private final StoreHost host;
    private final EnsembleControl control;
    private final Registries registries;
    private final Scheduler scheduler;
    private final Worker worker;
    private Optional<EnsembleKeeper> keeper = Optional.empty();
    private StoreLocator locator;
    private Subtree ownRecord;
    private volatile NodeRole role;
    private int failures;

    private ManagerSeat(ClusterLink link, StoreHost host, EnsembleControl control, ControlPlane plane, Scheduler scheduler) {
        this.node = plane.record();
        this.host = host;
        this.control = control;
        this.registries = plane.registries();
        this.scheduler = scheduler;
        this.role = node.role();
        this.worker = scheduler.worker("weft-seat-" + node.name());
    }

    /**
     * Takes the seat that the node's record says, and then follows the record.
     *
     * @throws WeftException if the seat cannot be taken: a port is in use, say
     */
    static ManagerSeat start(ClusterLink link, StoreHost host, EnsembleControl control, ControlPlane plane, Scheduler scheduler) {
        ManagerSeat seat = new ManagerSeat(link, host, control, plane, scheduler);
        try {
            seat.take();
            seat.locator = StoreLocator.start(link.store(), addresses -> seat.moved(link, addresses));
            seat.ownRecord = link.store().watch(Layout.node(seat.node.id()), seat::lookSoon);
            seat.lookSoon();
            return seat;
        } catch (RuntimeException e) {
            seat.close();
            throw e;
        }
    }

    /** The node's role now. */
    NodeRole role() {
        return role;
    }

    private void moved(ClusterLink link, List<InetSocketAddress> addresses) {
        control.follow(addresses);
        link.directory().saveManagers(addresses);
        lookSoon();
    }

    private void lookSoon() {
        worker.schedule(this::look, 0);
    }

    private void look() {
        try {
            take();
            failures = 0;
        } catch (RuntimeException e) {
            failures++;
            LOG.warn("node {} could not take or leave its seat among the managers and will try once more: {}", node.name(), e.getMessage(),
                    e instanceof WeftException ? null : e);
            worker.schedule(this::look, RetryDelay.afterMillis(failures));
        }
    }

    private void take() {
        Optional<NodeRecord> record = registries.membership().find(node.id());
        if (record.isEmpty()) {
            return;
        }
        role = record.get().role();
        if (role == NodeRole.MANAGER) {
            sit();
        } else if (host.number().isPresent()) {
            rise(host.number().getAsInt());
        }
    }

    private void sit() {
        if (host.number().isEmpty()) {
            host.start(registries.servers().allot(), control.configurationText());
        }
        if (keeper.isEmpty()) {
            int number = host.number().orElseThrow();
            registries.servers().enter(new ServerRecord(number, node.id(), node.advertise(), node.ports(), true));
            keeper = Optional.of(new EnsembleKeeper(number, host::leads, control, registries, scheduler, System::nanoTime));
        }
    }

    /** The server stays until the ensemble is without it, which the keeper at the leader sees to. */
    private void rise(int number) {
        registries.servers().dismiss(number);
        if (registries.servers().find(number).isEmpty() && !control.configuration().ensemble().contains(number)) {
            keeper.ifPresent(EnsembleKeeper::close);
            keeper = Optional.empty();
            host.dismiss();
            LOG.info("node {} is a worker now", node.name());
        }
    }

    /** Idempotent. The server goes on. */
    @Override
    public void close() {
        worker.interrupt();
        keeper.ifPresent(EnsembleKeeper::close);
        if (locator != null) {
            locator.close();
        }
        if (ownRecord != null) {
            ownRecord.close();
        }
    }
}
