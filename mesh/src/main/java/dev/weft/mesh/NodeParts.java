package dev.weft.mesh;

import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;
import dev.weft.mesh.state.ClusterWatch;
import dev.weft.mesh.state.StateApplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a running node is made of, in the order in which it was made. */
record NodeParts(ClusterLink link, Registries registries, DataPathChoice choice, NodeRecord record, ClusterWatch watch, StateApplier applier,
                 LocalEndpoints endpoints, SessionKeeper keeper) {

    private static final Logger LOG = LoggerFactory.getLogger(NodeParts.class);

    /** Tells the others that the node is going, if the store answers; else they will find out when the session times out. */
    void withdraw() {
        if (!keeper.isConnected()) {
            return;
        }
        try {
            registries.membership().withdraw(record.id());
            endpoints.removeInProcess();
        } catch (WeftException e) {
            LOG.warn("node {} goes without a word to its cluster: {}", record.name(), e.getMessage());
        }
    }

    /** Takes the data path down, and the rest even if that fails. */
    void stop(Runnable closeLink) {
        try {
            endpoints.closeAll();
            applier.close();
            watch.close();
            choice.path().close();
        } finally {
            closeLink.run();
        }
    }
}
