package dev.weft.mesh;

import dev.weft.api.ControlPorts;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.ServerRegistry;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.store.zookeeper.EmbeddedServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiPredicate;

/** The cluster store's server in this node, when the node has one. Thread-safe. */
final class StoreHost implements AutoCloseable {

    private final DataDirectory directory;
    private final NodeCredentials credentials;
    private final InetAddress advertise;
    private final ControlPorts ports;
    private Optional<EmbeddedServer> server = Optional.empty();
    private boolean closed;

    StoreHost(DataDirectory directory, NodeSpec spec, NodeCredentials credentials) {
        this.credentials = credentials;
        this.directory = directory;
        this.advertise = spec.advertise();
        this.ports = spec.ports();
    }

    /** Starts the server that an earlier process had in the data directory, if there is one. */
    synchronized void resume() {
        directory.serverNumber().ifPresent(number -> start(number, ""));
    }

    /**
     * Starts a server that is new.
     *
     * @param ensemble as the store has it; empty for the first server of a cluster
     */
    synchronized void start(int number, String ensemble) {
        if (server.isEmpty() && !closed) {
            server = Optional.of(EmbeddedServer.start(directory.makeStore(), number, advertise, ports, ensemble, credentials));
        }
    }

    /** As {@link #resume}, and as the only one: the other managers' servers are forgotten. */
    synchronized void recover() {
        int number = directory.serverNumber().orElseThrow(() -> new WeftException.InvalidSpec("there is no manager's state in this data directory; "
                + "recover the cluster at a node that was a manager, or restore a backup"));
        EmbeddedServer.requireFree(advertise, ports);
        EmbeddedServer.recover(directory.store());
        start(number, "");
    }

    /**
     * Writes all that the store has into a directory, as it was at one moment.
     *
     * @param mark what has to be in it
     * @throws WeftException.ManagerUnreachable if this node has no server any more, or it does not have that after a while
     */
    synchronized void snapshot(Path into, ServerRegistry.Mark mark) {
        server.orElseThrow(() -> new WeftException.ManagerUnreachable("this node's server of the cluster store has just been stopped"))
                .snapshot(into, mark.path(), mark.version());
    }

    /** Stops the server for good and removes its data. Does nothing when there is none. */
    synchronized void dismiss() {
        server.ifPresent(EmbeddedServer::close);
        server = Optional.empty();
        directory.eraseStore();
    }

    /** Ends the connections of nodes, by id and the role that they were let in with, for which a condition holds. */
    synchronized void closeConnections(BiPredicate<String, NodeRole> ofNode) {
        server.ifPresent(running -> running.closeConnections(ofNode));
    }

    /** The number of the server; nothing when there is none. */
    synchronized OptionalInt number() {
        return server.isPresent() ? directory.serverNumber() : OptionalInt.empty();
    }

    /** Whether the server leads the ensemble at the moment. */
    synchronized boolean leads() {
        return server.isPresent() && server.get().leads();
    }

    /** Where clients find the server. */
    synchronized List<InetSocketAddress> addresses() {
        return server.isPresent() ? List.of(new InetSocketAddress(advertise, ports.store())) : List.of();
    }

    /** Stops the server; its data stay. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        server.ifPresent(EmbeddedServer::close);
        server = Optional.empty();
    }
}
