package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.store.ClusterStore;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.StatPersisted;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.NettyServerCnxn;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.PrepRequestProcessor;
import org.apache.zookeeper.server.RequestProcessor;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.quorum.CommitProcessor;
import org.apache.zookeeper.server.quorum.Leader;
import org.apache.zookeeper.server.quorum.LeaderZooKeeperServer;
import org.apache.zookeeper.server.quorum.PrependableSocket;
import org.apache.zookeeper.server.quorum.UnifiedServerSocket;

/**
 * What ZooKeeper 3.9 keeps to itself and we need: the channel of a connection and of the listening port, the sockets between managers
 * before TLS, entries whose making is under way, and where a leader makes transactions and applies them. Another version that has these
 * no longer fails when this class is loaded, which every start of a server does.
 */
final class ZooKeeperInternals {

    private static final VarHandle CHANNEL;
    private static final VarHandle LISTENER;
    private static final VarHandle CONNECTIONS;
    private static final VarHandle LEADERS_LISTENERS;
    private static final VarHandle ACCEPTED;
    private static final VarHandle CHANGES;
    private static final VarHandle CHANGE_LOCK;
    private static final VarHandle CHANGE_ACL;
    private static final VarHandle CHANGE_STAT;
    private static final VarHandle CHANGE_DATA;
    private static final VarHandle PREPARATION;
    private static final VarHandle NEXT;
    private static final VarHandle COMMITS;
    private static final VarHandle WAITS_FOR_SYNCS;

    static {
        try {
            CHANNEL = field(NettyServerCnxn.class, "channel", Channel.class);
            LISTENER = field(NettyServerCnxnFactory.class, "parentChannel", Channel.class);
            CONNECTIONS = field(NettyServerCnxnFactory.class, "allChannels", ChannelGroup.class);
            LEADERS_LISTENERS = field(Leader.class, "serverSockets", List.class);
            ACCEPTED = field(UnifiedServerSocket.UnifiedSocket.class, "prependableSocket", PrependableSocket.class);
            CHANGES = field(ZooKeeperServer.class, "outstandingChangesForPath", Map.class);
            CHANGE_LOCK = field(ZooKeeperServer.class, "outstandingChanges", Deque.class);
            Class<?> change = Class.forName("org.apache.zookeeper.server.ZooKeeperServer$ChangeRecord");
            CHANGE_ACL = field(change, "acl", List.class);
            CHANGE_STAT = field(change, "stat", StatPersisted.class);
            CHANGE_DATA = field(change, "data", byte[].class);
            PREPARATION = field(LeaderZooKeeperServer.class, "prepRequestProcessor", PrepRequestProcessor.class);
            NEXT = field(PrepRequestProcessor.class, "nextProcessor", RequestProcessor.class);
            COMMITS = field(LeaderZooKeeperServer.class, "commitProcessor", CommitProcessor.class);
            WAITS_FOR_SYNCS = field(CommitProcessor.class, "matchSyncs", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private ZooKeeperInternals() {
    }

    /** Fails when this is another ZooKeeper. */
    static void check() {
        if (CHANNEL == null) {
            throw new AssertionError("set when the class was loaded");
        }
    }

    private static VarHandle field(Class<?> owner, String name, Class<?> type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
    }

    static Channel channel(ServerCnxn connection) {
        return (Channel) CHANNEL.get((NettyServerCnxn) connection);
    }

    /** The listening channel; null before the start. */
    static Channel listener(ServerCnxnFactory factory) {
        return (Channel) LISTENER.get((NettyServerCnxnFactory) factory);
    }

    /** Every connection of the factory. */
    static ChannelGroup connections(ServerCnxnFactory factory) {
        return (ChannelGroup) CONNECTIONS.get((NettyServerCnxnFactory) factory);
    }

    /** Where followers connect, before the leader has begun to accept; may be replaced. */
    @SuppressWarnings("unchecked")
    static List<ServerSocket> listeners(Leader leader) {
        return (List<ServerSocket>) LEADERS_LISTENERS.get(leader);
    }

    /** The connection as the kernel has it, of one that ZooKeeper has accepted and not yet looked at. */
    static Socket accepted(Socket connection) {
        return (Socket) ACCEPTED.get((UnifiedServerSocket.UnifiedSocket) connection);
    }

    /** What makes transactions of requests at a leader. */
    static PrepRequestProcessor preparation(LeaderZooKeeperServer leader) {
        return (PrepRequestProcessor) PREPARATION.get(leader);
    }

    /** Where followers' requests go from now on. */
    static void prepareBy(LeaderZooKeeperServer leader, PrepRequestProcessor preparation) {
        PREPARATION.set(leader, preparation);
    }

    /** Who is given the transactions. */
    static RequestProcessor next(PrepRequestProcessor preparation) {
        return (RequestProcessor) NEXT.get(preparation);
    }

    /** What applies commits, in their order. */
    static CommitProcessor commits(LeaderZooKeeperServer leader) {
        return (CommitProcessor) COMMITS.get(leader);
    }

    /** A client's sync is committed like a change from now on. Before the first request, whose queue shows it to the processor's thread. */
    static void waitForSyncs(CommitProcessor commits) {
        WAITS_FOR_SYNCS.set(commits, true);
    }

    /** An entry's ACL as the next transaction finds it: what is decided but not yet applied counts. Called on the thread that decides. */
    @SuppressWarnings("unchecked")
    static Optional<List<ACL>> acl(ZooKeeperServer server, String path) {
        return decided(server, path, change -> (List<ACL>) CHANGE_ACL.get(change), entry -> server.getZKDatabase().aclForNode(entry));
    }

    /** An entry itself, in the same way. */
    static Optional<ClusterStore.Entry> entry(ZooKeeperServer server, String path) {
        return decided(server, path, ZooKeeperInternals::changed, entry -> entry(entry.getData(), entry.stat));
    }

    private static ClusterStore.Entry changed(Object change) {
        StatPersisted stat = (StatPersisted) CHANGE_STAT.get(change);
        return stat == null ? null : entry((byte[]) CHANGE_DATA.get(change), stat);
    }

    private static ClusterStore.Entry entry(byte[] data, StatPersisted stat) {
        return new ClusterStore.Entry(data == null ? new byte[0] : data, stat.getVersion());
    }

    /** @param ofChange null for a change that removes the entry */
    private static <T> Optional<T> decided(ZooKeeperServer server, String path, Function<Object, T> ofChange, Function<DataNode, T> ofEntry) {
        Map<?, ?> changes = (Map<?, ?>) CHANGES.get(server);
        synchronized (CHANGE_LOCK.get(server)) {
            Object change = changes.get(path);
            if (change != null) {
                return Optional.ofNullable(ofChange.apply(change));
            }
        }
        return Optional.ofNullable(server.getZKDatabase().getNode(path)).map(ofEntry);
    }
}
