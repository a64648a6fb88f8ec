package dev.weft.mesh.store.zookeeper;

import java.net.Socket;
import java.util.function.Consumer;
import org.apache.zookeeper.server.quorum.QuorumCnxManager;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.auth.NullQuorumAuthLearner;
import org.apache.zookeeper.server.quorum.auth.NullQuorumAuthServer;

/** ZooKeeper's connections for elections, the accepted ones of which come through the gate. */
final class GuardedElections extends QuorumCnxManager {

    /** Of ZooKeeper's executor for connections that it opens. */
    private static final int THREADS = 20;

    private final QuorumGate gate;
    private final Consumer<QuorumCnxManager> halted;

    /** @param halted is told of this one when its port is free */
    GuardedElections(QuorumPeer server, QuorumGate gate, Consumer<QuorumCnxManager> halted) {
        super(server, server.getMyId(), server.getView(), new NullQuorumAuthServer(), new NullQuorumAuthLearner(),
                server.getTickTime() * server.getSyncLimit(), server.getQuorumListenOnAllIPs(), THREADS, false);
        this.gate = gate;
        this.halted = halted;
    }

    @Override
    public void halt() {
        super.halt();
        halted.accept(this);
    }

    /** Called by the thread that accepts, with each connection. */
    @Override
    public void receiveConnection(Socket connection) {
        gate.admit(ZooKeeperInternals.accepted(connection), this::begin);
    }

    /** One at a time, as ZooKeeper does it. */
    private synchronized void begin(Socket secured) {
        super.receiveConnection(secured);
    }
}
