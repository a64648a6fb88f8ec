package dev.weft.mesh.store.zookeeper;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.NettyServerCnxn;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * What ZooKeeper 3.9 keeps to itself and security needs: the channel of a connection and of the listening port, and the ACL of an
 * entry whose making is under way. Another version that has these no longer fails when this class is loaded, which every start
 * of a server does.
 */
final class ZooKeeperInternals {

    private static final VarHandle CHANNEL;
    private static final VarHandle LISTENER;
    private static final VarHandle CONNECTIONS;
    private static final VarHandle CHANGES;
    private static final VarHandle CHANGE_LOCK;
    private static final VarHandle CHANGE_ACL;

    static {
        try {
            CHANNEL = field(NettyServerCnxn.class, "channel", Channel.class);
            LISTENER = field(NettyServerCnxnFactory.class, "parentChannel", Channel.class);
            CONNECTIONS = field(NettyServerCnxnFactory.class, "allChannels", ChannelGroup.class);
            CHANGES = field(ZooKeeperServer.class, "outstandingChangesForPath", Map.class);
            CHANGE_LOCK = field(ZooKeeperServer.class, "outstandingChanges", Deque.class);
            CHANGE_ACL = field(Class.forName("org.apache.zookeeper.server.ZooKeeperServer$ChangeRecord"), "acl", List.class);
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

    /** An entry's ACL as the next transaction finds it: what is decided but not yet applied counts. Called on the thread that decides. */
    @SuppressWarnings("unchecked")
    static Optional<List<ACL>> acl(ZooKeeperServer server, String path) {
        Map<String, ?> changes = (Map<String, ?>) CHANGES.get(server);
        synchronized (CHANGE_LOCK.get(server)) {
            Object change = changes.get(path);
            if (change != null) {
                return Optional.ofNullable((List<ACL>) CHANGE_ACL.get(change));
            }
        }
        DataNode entry = server.getZKDatabase().getNode(path);
        return entry == null ? Optional.empty() : Optional.of(server.getZKDatabase().aclForNode(entry));
    }
}
