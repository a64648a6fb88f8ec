package dev.weft.mesh.store.zookeeper;

import java.io.IOException;
import org.apache.zookeeper.server.PrepRequestProcessor;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.quorum.LeaderRequestProcessor;
import org.apache.zookeeper.server.quorum.LeaderZooKeeperServer;

/** The server as long as it leads: {@link GuardedPreparation} stands where ZooKeeper has its own, and before what a {@link SyncedLeader} adds. */
final class GuardedLeader extends LeaderZooKeeperServer {

    private final ServerScope scope;

    GuardedLeader(ServerScope scope, FileTxnSnapLog log, ServerScope.Peer peer) throws IOException {
        super(log, peer, peer.database());
        this.scope = scope;
    }

    /** Before the first request. Only containers, which nobody has, are removed by the way of ZooKeeper's own. */
    @Override
    protected void setupRequestProcessors() {
        super.setupRequestProcessors();
        SyncedLeader leader = (SyncedLeader) getLeader();
        ZooKeeperInternals.waitForSyncs(ZooKeeperInternals.commits(this));
        PrepRequestProcessor own = ZooKeeperInternals.preparation(this);
        own.processRequest(Request.requestOfDeath); // its thread has been started
        GuardedPreparation guarded = new GuardedPreparation(scope, this, leader.syncing(ZooKeeperInternals.next(own)));
        guarded.start();
        ZooKeeperInternals.prepareBy(this, guarded);
        firstProcessor = new LeaderRequestProcessor(this, guarded);
    }
}
