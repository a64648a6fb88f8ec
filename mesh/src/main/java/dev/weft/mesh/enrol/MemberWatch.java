package dev.weft.mesh.enrol;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.RetryDelay;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.Subtree;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A manager's eye on the members. Who has been removed loses its connections to this manager's store, and so does who has
 * another role now, to come back in that one: a worker made a manager when it has a manager's certificate. And the rotation of the CA goes
 * on when everybody is ready.
 */
final class MemberWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MemberWatch.class);

    private final Authority authority;
    private final Consumer<BiPredicate<String, NodeRole>> closeConnections;
    private final Worker worker;
    private final Subtree members;
    private final Subtree certificates;
    private final Subtree authorities;
    private volatile boolean started;
    /** The worker's. */
    private int failures;

    /**
     * @param closeConnections of nodes, by id and the role that they were let in with, for which a condition holds, at the store's server of
     *                         this process, should there be one
     */
    MemberWatch(String nodeId, ClusterStore store, Authority authority, Consumer<BiPredicate<String, NodeRole>> closeConnections,
                Scheduler scheduler) {
        this.authority = authority;
        this.closeConnections = closeConnections;
        this.worker = scheduler.worker("weft-members-" + nodeId);
        // what has been there from the start is looked at once all three are there
        this.members = store.watch(Layout.MEMBERS, () -> lookSoon(this::look));
        this.certificates = store.watch(Layout.CERTIFICATES, () -> lookSoon(this::look));
        this.authorities = store.watch(Layout.AUTHORITY, () -> lookSoon(this::advance));
        this.started = true;
        worker.schedule(this::look, 0);
    }

    private void lookSoon(Runnable task) {
        if (started) {
            worker.schedule(task, 0);
        }
    }

    private void look() {
        Map<String, NodeRole> members = below(this.members, Layout.MEMBERS, MemberRecord.class, MemberRecord::role);
        Map<String, NodeRole> certified = below(certificates, Layout.CERTIFICATES, CertificateRecord.class, CertificateRecord::role);
        closeConnections.accept((node, granted) -> {
            NodeRole now = members.get(node);
            return now == null || now != granted && (now == NodeRole.WORKER || certified.get(node) == now);
        });
        advance();
    }

    /** By the last part of the path. */
    private static <R extends Record, T> Map<String, T> below(Subtree copy, String path, Class<R> type, Function<R, T> value) {
        return copy.snapshot().entrySet().stream().filter(entry -> !entry.getKey().equals(path))
                .collect(Collectors.toMap(entry -> entry.getKey().substring(path.length() + 1),
                        entry -> value.apply(RecordCodec.decode(entry.getValue(), type))));
    }

    private void advance() {
        try {
            authority.advanceRotation();
            failures = 0;
        } catch (WeftException e) {
            failures++;
            LOG.debug("the rotation of the CA is looked after later: {}", e.getMessage());
            worker.schedule(this::advance, RetryDelay.afterMillis(failures)); // the last change may have been the one that it waited for
        }
    }

    @Override
    public void close() {
        worker.interrupt();
        members.close();
        certificates.close();
        authorities.close();
    }
}
