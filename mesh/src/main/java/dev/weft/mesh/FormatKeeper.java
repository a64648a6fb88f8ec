package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.StateFormat;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.RetryDelay;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the format of the cluster's state when the last member has learned to read a later one. Every manager has one, and the
 * first to see it does it. {@link #adopt} is called by one thread at a time.
 */
final class FormatKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FormatKeeper.class);

    private final String self;
    private final Membership membership;
    private final Worker worker;
    private Map<String, NodeRecord> seen = Map.of();
    /** What this node has seen to it that the cluster has. */
    private int raisedTo = StateFormat.FIRST;
    /** The worker's. */
    private int failures;

    FormatKeeper(NodeRecord node, Membership membership, Scheduler scheduler) {
        this.self = node.id();
        this.membership = membership;
        this.worker = scheduler.worker("weft-format-" + node.name());
    }

    void adopt(ClusterView view) {
        if (view.nodes() == seen) {
            return;
        }
        seen = view.nodes();
        NodeRecord node = seen.get(self);
        OptionalInt next = StateFormat.next(raisedTo, seen.values());
        if (node != null && node.role() == NodeRole.MANAGER && next.isPresent()) {
            raisedTo = next.getAsInt();
            worker.schedule(this::raise, 0);
        }
    }

    private void raise() {
        try {
            membership.raiseFormat();
            failures = 0;
        } catch (WeftException e) {
            failures++;
            LOG.debug("the format of the cluster's state could not be raised and this will be tried again: {}", e.getMessage());
            worker.schedule(this::raise, RetryDelay.afterMillis(failures));
        }
    }

    @Override
    public void close() {
        worker.interrupt();
    }
}
