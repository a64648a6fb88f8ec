package dev.weft.mesh.store.zookeeper;

import dev.weft.api.NodeRole;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Refusal;
import io.netty.channel.Channel;
import io.netty.util.internal.ThreadExecutorMap;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ListIterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import javax.security.sasl.SaslException;
import org.apache.zookeeper.common.X509Exception;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.quorum.Leader;
import org.apache.zookeeper.server.quorum.QuorumCnxManager;
import org.apache.zookeeper.server.quorum.QuorumPeer;

/**
 * What belongs to one server of several in a process. ZooKeeper makes what a server needs for TLS from class names in system
 * properties; those classes find their server here, because each thread of a server is a descendant of its first one.
 */
final class ServerScope {

    private static final InheritableThreadLocal<ServerScope> CURRENT = new InheritableThreadLocal<>();
    private static final String MEMBERS = "/weft/members";

    private final NodeCredentials credentials;
    private final Map<Channel, Client> connections = new ConcurrentHashMap<>();
    private final QuorumGate gate;
    private volatile Peer peer;

    /** Who is at the other end, and as what it was let in. */
    private record Client(String nodeId, NodeRole granted) {
    }

    /** ZooKeeper's server, which shows its data before it follows a leader; its ports between managers and its decisions are behind guards. */
    static class Peer extends QuorumPeer {

        private final ServerScope scope;
        private final Set<QuorumCnxManager> elections = ConcurrentHashMap.newKeySet();
        private volatile boolean ended;
        private ServerCnxnFactory factory;

        Peer(ServerScope scope) throws SaslException {
            super();
            this.scope = scope;
        }

        /** ZooKeeper makes another one whenever the ensemble has changed, also when it is just being ended: nobody would end that one. */
        @Override
        public QuorumCnxManager createCnxnManager() {
            QuorumCnxManager made = new GuardedElections(this, scope.gate(), elections::remove);
            elections.add(made);
            if (ended) {
                made.halt();
            }
            return made;
        }

        /** Lets go of the port for elections. */
        private void endElections() {
            ended = true;
            elections.forEach(QuorumCnxManager::halt);
        }

        @Override
        protected Leader makeLeader(FileTxnSnapLog log) throws IOException, X509Exception {
            Leader leader = new SyncedLeader(this, new GuardedLeader(scope, log, this));
            ListIterator<ServerSocket> listeners = ZooKeeperInternals.listeners(leader).listIterator();
            while (listeners.hasNext()) {
                listeners.set(new GuardedListener(listeners.next(), scope.gate()));
            }
            return leader;
        }

        @Override
        public void setSecureCnxnFactory(ServerCnxnFactory value) {
            super.setSecureCnxnFactory(value);
            factory = value;
        }

        /** Where clients connect; null before the start. */
        Channel listener() {
            return factory == null ? null : ZooKeeperInternals.listener(factory);
        }

        ZKDatabase database() {
            return getZkDb();
        }
    }

    ServerScope(NodeCredentials credentials) {
        this.credentials = credentials;
        this.gate = new QuorumGate(this);
    }

    QuorumGate gate() {
        return gate;
    }

    /** The calling thread and all that it makes from now on belong to this server. */
    void enter() {
        CURRENT.set(this);
    }

    /** @throws IllegalStateException in a thread that is no server's */
    static ServerScope current() {
        ServerScope scope = CURRENT.get();
        if (scope == null) {
            throw new IllegalStateException("this ZooKeeper server is not one of Weft's; its settings are for those only");
        }
        return scope;
    }

    /**
     * After the server's end: ZooKeeper may have left a port for elections open, the socket where clients connect is closed a moment
     * later, and ZooKeeper forgets a thread which would keep the process from ending.
     */
    void end(long millis) throws InterruptedException {
        gate.close();
        if (peer != null) {
            peer.endElections();
        }
        Channel listener = peer == null ? null : peer.listener();
        if (listener != null) {
            listener.closeFuture().await(millis);
            ZooKeeperInternals.connections(peer.factory).newCloseFuture()
                    .addListener(closed -> ThreadExecutorMap.currentExecutor().shutdownGracefully(0, 0, TimeUnit.SECONDS));
        }
    }

    /** The server itself, as soon as there is one. */
    void own(Peer server) {
        peer = server;
    }

    NodeCredentials credentials() {
        return credentials;
    }

    ZKDatabase database() {
        return peer.database();
    }

    /** The node's record as this server knows it; null when there is none. */
    static byte[] memberRecord(ZKDatabase database, String nodeId) {
        DataNode entry = database.getNode(MEMBERS + "/" + nodeId);
        return entry == null ? null : entry.getData();
    }

    /** False until the first manager has made the entries of a new cluster, and in a server that has not been sent them yet. */
    static boolean knowsMembers(ZKDatabase database) {
        return database.getNode(MEMBERS) != null;
    }

    /** Counts what a worker wanted to write and may not, under the name that managers gave it. */
    void refuseEntry(String nodeId, String what) {
        byte[] record = memberRecord(database(), nodeId);
        String name = record == null ? nodeId : RecordCodec.decode(record, MemberRecord.class).name();
        credentials.refusals().countNode(ControlPort.STORE, Refusal.FALSE_ENTRY, name, what);
    }

    /** Keeps a client's connection in mind for as long as it is open. */
    void track(Channel connection, String nodeId, NodeRole granted) {
        connections.put(connection, new Client(nodeId, granted));
        connection.closeFuture().addListener(closed -> connections.remove(connection));
    }

    /** Closes every connection of nodes for which a condition holds. */
    void closeConnections(BiPredicate<String, NodeRole> ofNode) {
        connections.forEach((connection, client) -> {
            if (ofNode.test(client.nodeId(), client.granted())) {
                connection.close();
            }
        });
    }
}
