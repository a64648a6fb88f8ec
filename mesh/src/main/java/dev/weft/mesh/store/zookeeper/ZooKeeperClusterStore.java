package dev.weft.mesh.store.zookeeper;

import dev.weft.api.WeftException;
import dev.weft.mesh.ensemble.Ensemble;
import dev.weft.mesh.ensemble.EnsembleControl;
import dev.weft.mesh.identity.ManagerAddress;
import dev.weft.mesh.model.ServerRecord;
import dev.weft.mesh.store.Access;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import dev.weft.mesh.store.Subtree;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.curator.ensemble.fixed.FixedEnsembleProvider;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ZKConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ClusterStore} on ZooKeeper. Curator keeps the connection and the watched copies; reads and transactions go to the
 * ZooKeeper client directly, because Curator would repeat a transaction whose answer was lost and then report a conflict
 * with itself.
 */
public final class ZooKeeperClusterStore implements ClusterStore, EnsembleControl {

    /** A node that is silent for so long is dead to the others. */
    public static final int SESSION_TIMEOUT_MS = 6_000;

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperClusterStore.class);
    /**
     * Bytes of the largest answer. The names below one entry come in one answer, and a network of 100,000 endpoints has some megabytes
     * of names: ZooKeeper's own limit of 1 MB would break the connection, again and again.
     */
    private static final int LARGEST_ANSWER = 64 << 20;
    private static final int CONNECT_TIMEOUT_MS = 4_000;
    private static final String CONFIG = "/zookeeper/config";
    /** ZooKeeper's own entries that anyone may write unless they are locked. */
    private static final List<String> OPEN_AT_FIRST = List.of("/", "/zookeeper", "/zookeeper/quota", CONFIG);

    private final FixedEnsembleProvider servers;
    private final StoreLogin login;
    private final CuratorFramework curator;
    private final List<Consumer<Connection>> listeners = new CopyOnWriteArrayList<>();

    static {
        // ZooKeeper's jars split packages and cannot be modules; on a module path they live in the unnamed module.
        Module self = ZooKeeperClusterStore.class.getModule();
        self.addReads(ZooKeeperClusterStore.class.getClassLoader().getUnnamedModule());
    }

    private ZooKeeperClusterStore(String servers, StoreLogin login) {
        this.servers = new FixedEnsembleProvider(servers);
        this.login = login;
        ZKClientConfig config = login.configuration();
        config.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(LARGEST_ANSWER));
        curator = CuratorFrameworkFactory.builder()
                .ensembleProvider(this.servers)
                .sessionTimeoutMs(SESSION_TIMEOUT_MS)
                .connectionTimeoutMs(CONNECT_TIMEOUT_MS)
                .retryPolicy(new BoundedExponentialBackoffRetry(100, 1_000, 5))
                .zkClientConfig(config)
                .ensembleTracker(false)
                .build();
        curator.getConnectionStateListenable().addListener((client, state) -> tell(state));
    }

    /**
     * Connects to one of the managers.
     *
     * @param managers        the addresses of their stores, in any order
     * @param patienceSeconds how long to wait for the first answer
     * @throws WeftException.ManagerUnreachable if nobody answers there, or something that is no manager
     */
    public static ZooKeeperClusterStore connect(Collection<InetSocketAddress> managers, StoreLogin login, int patienceSeconds) {
        ZooKeeperClusterStore store = new ZooKeeperClusterStore(text(managers), login);
        store.curator.start();
        try {
            store.awaitConnection(patienceSeconds);
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static String text(Collection<InetSocketAddress> managers) {
        return managers.stream().map(ManagerAddress::text).sorted().distinct().collect(Collectors.joining(","));
    }

    @Override
    public void follow(Collection<InetSocketAddress> managers) {
        servers.setConnectionString(text(managers));
    }

    /**
     * Makes the first entries of a new cluster, and takes the rights that ZooKeeper gives to anyone at first. Idempotent; for a
     * manager.
     *
     * @param entries parents first
     */
    public void bootstrap(List<Change.Create> entries) {
        for (Change.Create entry : entries) {
            createIfAbsent(entry);
        }
        for (String path : OPEN_AT_FIRST) {
            call(path, zooKeeper -> zooKeeper.setACL(path, Acls.of(Access.READ, login.node()), -1));
        }
    }

    private List<ACL> acl(String path) {
        return Acls.of(login.access().apply(path), login.node());
    }

    @Override
    public String configurationText() {
        return repeated(CONFIG, zooKeeper -> {
            sync(zooKeeper, CONFIG);
            return new String(((ZooKeeperAdmin) zooKeeper).getConfig(false, null), StandardCharsets.UTF_8);
        });
    }

    @Override
    public Configuration configuration() {
        QuorumText text = QuorumText.parse(configurationText());
        return new Configuration(text.ensemble(), text.version());
    }

    @Override
    public boolean change(long version, Ensemble next, Collection<ServerRecord> records) {
        QuorumText now = QuorumText.parse(configurationText());
        QuorumText then = now.changed(next, records);
        if (now.version() != version || then.servers().equals(now.servers())) {
            return now.version() == version;
        }
        return call(CONFIG, zooKeeper -> {
            try {
                ((ZooKeeperAdmin) zooKeeper).reconfigure((String) null, null, then.text(), version, null);
                return true;
            } catch (KeeperException.BadVersionException | KeeperException.ReconfigInProgress | KeeperException.NewConfigNoQuorum e) {
                LOG.debug("ensemble not changed: {}", e.getMessage());
                return false;
            }
        });
    }

    private void createIfAbsent(Change.Create entry) {
        try {
            call(entry.path(), zooKeeper -> zooKeeper.create(entry.path(), entry.data(), acl(entry.path()), CreateMode.PERSISTENT));
        } catch (StoreConflict e) {
            if (e.kind() != StoreConflict.Kind.EXISTS) {
                throw e;
            }
        }
    }

    /** What a server has that follows the leader may be old; it answers what comes after a sync with what the leader had then. */
    private static void sync(ZooKeeper zooKeeper, String path) {
        zooKeeper.sync(path, (code, synced, context) -> { }, null);
    }

    @Override
    public Optional<Entry> read(String path) {
        return present(path, zooKeeper -> {
            Stat stat = new Stat();
            sync(zooKeeper, path);
            byte[] data = zooKeeper.getData(path, false, stat);
            return new Entry(data, stat.getVersion());
        });
    }

    @Override
    public List<String> children(String path) {
        return present(path, zooKeeper -> {
            sync(zooKeeper, path);
            return zooKeeper.getChildren(path, false).stream().sorted().toList();
        }).orElse(List.of());
    }

    @Override
    public int count(String path) {
        return present(path, zooKeeper -> {
            Stat stat = zooKeeper.exists(path, false);
            return stat == null ? 0 : stat.getNumChildren();
        }).orElse(0);
    }

    @Override
    public boolean holds(String path) {
        return present(path, zooKeeper -> {
            Stat stat = zooKeeper.exists(path, false);
            return stat != null && stat.getEphemeralOwner() == zooKeeper.getSessionId();
        }).orElse(false);
    }

    @Override
    public void commit(List<Change> changes) {
        call(changes.getFirst().path(), zooKeeper -> {
            try {
                return zooKeeper.multi(Operations.of(changes, this::acl));
            } catch (KeeperException e) {
                throw Operations.conflict(changes, e).orElseThrow(() -> e);
            }
        });
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        awaitConnection(PATIENCE_SECONDS);
        return CachedSubtree.open(curator, path, listener);
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        curator.close();
    }

    /** Ends the session on this side, as if the server had said so; the server itself notices the silence later. For tests. */
    void expireSession() {
        call("/", zooKeeper -> {
            zooKeeper.getTestable().injectSessionExpiration();
            return zooKeeper;
        });
    }

    private void tell(ConnectionState state) {
        LOG.info("cluster store at {}: {}", servers.getConnectionString(), state);
        Connection connection = switch (state) {
            case CONNECTED, RECONNECTED, READ_ONLY -> Connection.CONNECTED;
            case SUSPENDED -> Connection.SUSPENDED;
            case LOST -> Connection.LOST;
        };
        listeners.forEach(listener -> listener.accept(connection));
    }

    /** One request to ZooKeeper. */
    private interface Request<T> {
        T run(ZooKeeper zooKeeper) throws Exception;
    }

    /** Reads: nothing when there is no such entry. */
    private <T> Optional<T> present(String path, Request<T> request) {
        try {
            return Optional.of(repeated(path, request));
        } catch (StoreConflict e) {
            return Optional.empty();
        }
    }

    /** Repeated while the connection breaks, as it does when the leader changes: that harms no read. */
    private <T> T repeated(String path, Request<T> request) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return call(path, request);
            } catch (WeftException.ManagerUnreachable e) {
                if (!(e.getCause() instanceof KeeperException) || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    private <T> T call(String path, Request<T> request) {
        awaitConnection(PATIENCE_SECONDS);
        try {
            return request.run(curator.getZookeeperClient().getZooKeeper());
        } catch (KeeperException.NodeExistsException e) {
            throw new StoreConflict(StoreConflict.Kind.EXISTS, path);
        } catch (KeeperException.NoNodeException e) {
            throw new StoreConflict(StoreConflict.Kind.MISSING, path);
        } catch (KeeperException.NoAuthException e) {
            throw new WeftException.ManagerRequired("the cluster does not let node " + login.node() + " do this at " + path
                    + ": a worker changes what is its own only; do it at a manager", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away("interrupted", e);
        } catch (IllegalStateException e) {
            throw away("this node's connection has been closed", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw away(e.getMessage(), e);
        }
    }

    private void awaitConnection(int seconds) {
        try {
            if (!curator.getZookeeperClient().isConnected() && !curator.blockUntilConnected(seconds, TimeUnit.SECONDS)) {
                throw away("no answer for " + seconds + " s", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away("interrupted", e);
        } catch (IllegalStateException e) {
            throw away("this node's connection has been closed", e);
        }
    }

    private WeftException.ManagerUnreachable away(String found, Exception cause) {
        return new WeftException.ManagerUnreachable("the cluster store at " + servers.getConnectionString() + " is away (" + found
                + "); check that the manager runs and that TCP reaches it, and try again", cause);
    }
}
