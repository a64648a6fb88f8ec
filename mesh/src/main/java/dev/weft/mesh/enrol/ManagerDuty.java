package dev.weft.mesh.enrol;

import dev.weft.api.NodeRole;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.schedule.Scheduler;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetSocketAddress;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * What a manager does for the other nodes: it admits them, renews their certificates, attaches what publishes ports, and turns those away
 * that were removed.
 */
public final class ManagerDuty implements AutoCloseable {

    private final Authority authority;
    private final ManagementServer server;
    private final MemberWatch watch;

    private ManagerDuty(Authority authority, ManagementServer server, MemberWatch watch) {
        this.authority = authority;
        this.server = server;
        this.watch = watch;
    }

    /**
     * @param closeConnections of nodes, by id and the role that they were let in with, for which a condition holds, at the store's server of
     *                         this process, should there be one
     * @throws dev.weft.api.WeftException.PortInUse          if the management port is taken
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    public static ManagerDuty start(String nodeId, InetSocketAddress management, NodeCredentials credentials, Authority authority,
                                    MemberEndpoints endpoints, ClusterStore store,
                                    Consumer<BiPredicate<String, NodeRole>> closeConnections, Scheduler scheduler) {
        ManagementServer server = ManagementServer.start(management, credentials, authority, endpoints);
        try {
            return new ManagerDuty(authority, server, new MemberWatch(nodeId, store, authority, closeConnections, scheduler));
        } catch (RuntimeException e) {
            server.close(); // or the next attempt would find the port taken, by this one
            throw e;
        }
    }

    public Authority authority() {
        return authority;
    }

    @Override
    public void close() {
        server.close();
        watch.close();
    }
}
