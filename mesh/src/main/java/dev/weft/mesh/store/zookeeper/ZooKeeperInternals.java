package dev.weft.mesh.store.zookeeper;

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
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.NettyServerCnxn;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.quorum.Leader;
import org.apache.zookeeper.server.quorum.PrependableSocket;
import org.apache.zookeeper.server.quorum.UnifiedServerSocket;

/**
 * What ZooKeeper 3.9 keeps to itself and security needs: the channel of a connection and of the listening port, the sockets between
 * managers before TLS, and the ACL of an entry whose making is under way. Another version that has these no longer fails when this
 * class is loaded, which every start of a server does.
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

    static {
        try {
            CHANNEL = field(NettyServerCnxn.class, "channel", Channel.class);
            LISTENER = field(NettyServerCnxnFactory.class, "parentChannel", Channel.class);
            CONNECTIONS = field(NettyServerCnxnFactory.class, "allChannels", ChannelGroup.class);
            LEADERS_LISTENERS = field(Leader.class, "serverSockets", List.class);
            ACCEPTED = field(UnifiedServerSocket.UnifiedSocket.class, "prependableSocket", PrependableSocket.class);
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

    /** Where followers connect, before the leader has begun to accept; may be replaced. */
    @SuppressWarnings("unchecked")
    static List<ServerSocket> listeners(Leader leader) {
        return (List<ServerSocket>) LEADERS_LISTENERS.get(leader);
    }

    /** The connection as the kernel has it, of one that ZooKeeper has accepted and not yet looked at. */
    static Socket accepted(Socket connection) {
        return (Socket) ACCEPTED.get((UnifiedServerSocket.UnifiedSocket) connection);
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
