package dev.weft.mesh.store.zookeeper;

import java.io.IOException;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.common.X509Exception;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.RequestProcessor;
import org.apache.zookeeper.server.quorum.Leader;
import org.apache.zookeeper.server.quorum.LearnerSyncRequest;

/**
 * A leader whose own clients can rely on a sync, as a follower's can. ZooKeeper lets a sync at the leader pass like a read: a follower may
 * have acknowledged a change which the leader has committed and not yet applied, and who syncs and reads at the leader in this moment
 * does not see it. Here such a sync waits, in the order of commits, for what has been proposed before it.
 */
final class SyncedLeader extends Leader {

    private final GuardedLeader server;

    SyncedLeader(ServerScope.Peer peer, GuardedLeader server) throws IOException, X509Exception {
        super(peer, server);
        this.server = server;
    }

    /** The sync of one of the leader's own clients; those of followers' clients have a handler to answer to. */
    private static final class Own extends LearnerSyncRequest {

        Own(Request sync) {
            super(null, sync.sessionId, sync.cxid, sync.type, null, sync.authInfo);
            zxid = sync.zxid;
        }
    }

    /** Called when all that was proposed before has been handed on to be applied. */
    @Override
    public void sendSync(LearnerSyncRequest sync) {
        if (sync instanceof Own) {
            ZooKeeperInternals.commits(server).commit(sync);
        } else {
            super.sendSync(sync);
        }
    }

    /** Between preparation and proposal; on the thread of the preparation. */
    RequestProcessor syncing(RequestProcessor proposal) {
        return new RequestProcessor() {

            /** The request waits for its commit before that one can come. */
            @Override
            public void processRequest(Request request) throws RequestProcessorException {
                proposal.processRequest(request);
                if (request.type == OpCode.sync && !(request instanceof LearnerSyncRequest) && !request.isThrottled()) {
                    processSync(new Own(request));
                }
            }

            @Override
            public void shutdown() {
                proposal.shutdown();
            }
        };
    }
}
