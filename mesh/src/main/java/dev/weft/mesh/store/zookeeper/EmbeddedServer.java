package dev.weft.mesh.store.zookeeper;

import dev.weft.api.ControlPorts;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.pki.NodeCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import javax.security.sasl.SaslException;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.quorum.QuorumCnxManager;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.apache.zookeeper.util.ServiceUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A manager's ZooKeeper server. The first one is a quorum of one and not a standalone server, so that it can grow. It listens
 * on the advertise address only.
 *
 * <p>It is run as ZooKeeper's own main class runs it, and not by {@code ZooKeeperServerEmbedded}: that one draws a new name
 * for the configuration file at each start, and then does not find what was to become of the ensemble when it was killed.
 */
public final class EmbeddedServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
    private static final long START_TIMEOUT_MS = 20_000;
    private static final long STOP_TIMEOUT_MS = 10_000;

    private final InetAddress advertise;
    private final ControlPorts ports;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Path data;
    private final ServerScope scope;
    private final Main main;
    private final Thread thread;
    private final DatadirCleanupManager cleaner;
    private final CompletableFuture<QuorumPeer> started;

    static {
        Module self = EmbeddedServer.class.getModule();
        self.addReads(EmbeddedServer.class.getClassLoader().getUnnamedModule());
        ServerSecurity.enable();
        ZooKeeperInternals.check();
        ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
    }

    /** ZooKeeper's main class, which tells when its server has started. */
    private static final class Main extends QuorumPeerMain {
        private final ServerScope scope;
        private final CompletableFuture<QuorumPeer> started;

        Main(ServerScope scope, CompletableFuture<QuorumPeer> started) {
            this.scope = scope;
            this.started = started;
        }

        @Override
        protected QuorumPeer getQuorumPeer() throws SaslException {
            ServerScope.Peer peer = new ServerScope.Peer(scope) {
                @Override
                public synchronized void start() {
                    super.start();
                    listener().pipeline().addFirst(new StoreGate(scope));
                    started.complete(this);
                }
            };
            scope.own(peer);
            return peer;
        }
    }

    private EmbeddedServer(QuorumPeerConfig config, InetAddress advertise, ControlPorts ports, NodeCredentials credentials) {
        this.advertise = advertise;
        this.ports = ports;
        data = config.getDataDir().toPath();
        started = new CompletableFuture<>();
        scope = new ServerScope(credentials);
        main = new Main(scope, started);
        cleaner = new DatadirCleanupManager(config.getDataDir(), config.getDataLogDir(), config.getSnapRetainCount(), config.getPurgeInterval());
        thread = Thread.ofPlatform().daemon().name("weft-store-" + config.getServerId()).unstarted(() -> run(config));
    }

    /**
     * Starts a server on a directory that is empty or that an earlier one left behind, however that one ended. It serves as
     * soon as it follows a leader, which may be later.
     *
     * @param id     of the server; never another server's
     * @param others the ensemble's configuration as ZooKeeper writes it, for a server that is new to it; empty for the first one
     * @param credentials of the manager; a renewal is taken up at the next connection
     * @throws WeftException.PortInUse   if another process listens at one of the ports
     * @throws WeftException.InvalidSpec if the address is not one of this machine
     */
    public static EmbeddedServer start(Path directory, int id, InetAddress advertise, ControlPorts ports, String others,
                                       NodeCredentials credentials) {
        requireFree(advertise, ports);
        adviseQuiet();
        EmbeddedServer server;
        try {
            Path file = ServerFiles.prepare(directory.toAbsolutePath(), id, advertise, ports, QuorumText.parse(others));
            QuorumPeerConfig config = new QuorumPeerConfig();
            config.parse(file.toString());
            server = new EmbeddedServer(config, advertise, ports, credentials);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the cluster store's directory " + directory, e);
        } catch (QuorumPeerConfig.ConfigException e) {
            throw new WeftException.InvalidSpec("the cluster store's configuration in " + directory + " cannot be read: " + e.getMessage()
                    + "; restore it", e);
        }
        server.start();
        return server;
    }

    /** A line that ZooKeeper writes before it hands a connection to {@link QuorumGate}; only the logger's level is between it and the log. */
    private static void adviseQuiet() {
        if (LoggerFactory.getLogger(QuorumCnxManager.class).isInfoEnabled()) {
            LOG.warn("logger {} writes a line for each connection to the election port, also for a stranger's; set its level to warn",
                    QuorumCnxManager.class.getName());
        }
    }

    private void start() {
        cleaner.start();
        thread.start();
        try {
            started.get(START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            close();
            throw new WeftException.ManagerUnreachable("the cluster store did not start at " + advertise.getHostAddress()
                    + "; see the log for ZooKeeper's reason, and check that the loopback interface is up", e);
        }
    }

    private void run(QuorumPeerConfig config) {
        scope.enter();
        try {
            main.runFromConfig(config);
        } catch (Exception e) {
            started.completeExceptionally(e);
            LOG.error("the cluster store's server {} ended", config.getServerId(), e);
        }
    }

    /**
     * @throws WeftException.PortInUse   if another process listens at one of a server's ports
     * @throws WeftException.InvalidSpec if the address is not one of this machine
     */
    public static void requireFree(InetAddress advertise, ControlPorts ports) {
        bind(new InetSocketAddress(advertise, ports.store()));
        bind(new InetSocketAddress(advertise, ports.quorum()));
        bind(new InetSocketAddress(advertise, ports.election()));
    }

    private static void bind(InetSocketAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("assign")) {
                throw new WeftException.InvalidSpec("advertise address " + address.getAddress().getHostAddress()
                        + " is not an address of this machine; give one that is", e);
            }
            throw new WeftException.PortInUse("TCP port " + address.getPort() + " on " + address.getAddress().getHostAddress()
                    + " cannot be taken (" + e.getMessage() + "); stop who has it, or choose another port", e);
        }
    }

    /** Ends the connections of nodes, by id and the role that they were let in with, for which a condition holds. */
    public void closeConnections(BiPredicate<String, NodeRole> ofNode) {
        scope.closeConnections(ofNode);
    }

    /**
     * Writes all that the server has, as it was at one moment, for {@link #recover}.
     *
     * @param store   a directory that is made
     * @param path    of an entry that has to be in it
     * @param version of that entry, or a later one
     * @throws WeftException.ManagerUnreachable if the server does not have that after a while
     */
    public void snapshot(Path store, String path, int version) {
        StoreSnapshot.take(started.join(), data, store.resolve(ServerFiles.DATA), path, version);
        ServerFiles.copyNumber(data, store);
    }

    /**
     * Lets the server that is in a directory, and does not run, forget the others: it will be a quorum of one on what it has.
     * Two of them on the same data are two clusters.
     */
    public static void recover(Path directory) {
        ServerFiles.forgetOthers(directory);
    }

    /** Whether this server leads the ensemble at the moment. */
    public boolean leads() {
        return started.join().getPeerState() == QuorumPeer.ServerState.LEADING;
    }

    /** Idempotent; its ports are free when it returns. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        cleaner.shutdown();
        main.close();
        try {
            thread.join(STOP_TIMEOUT_MS);
            scope.end(STOP_TIMEOUT_MS);
            awaitFreePorts();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The kernel keeps the port of a closed socket until the thread that accepted, or selected, on it has woken up. */
    private void awaitFreePorts() throws InterruptedException {
        long start = System.nanoTime();
        while (!portsAreFree() && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(STOP_TIMEOUT_MS)) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private boolean portsAreFree() {
        try {
            requireFree(advertise, ports);
            return true;
        } catch (WeftException.PortInUse e) {
            return false;
        }
    }
}
