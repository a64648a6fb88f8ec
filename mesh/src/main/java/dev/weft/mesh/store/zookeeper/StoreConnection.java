package dev.weft.mesh.store.zookeeper;

import dev.weft.api.WeftException;
import dev.weft.mesh.identity.ManagerAddress;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.net.InetSocketAddress;
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
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ZKConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's connection to the store, which Curator keeps; requests go to the ZooKeeper client directly, and wait for a connection at most
 * {@link ClusterStore#PATIENCE_SECONDS}. Says in our words how they failed. Thread-safe.
 */
final class StoreConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreConnection.class);
    /**
     * Bytes of the largest answer. The names below one entry come in one answer, and a network of 100,000 endpoints has some megabytes
     * of names: ZooKeeper's own limit of 1 MB would break the connection, again and again.
     */
    private static final int LARGEST_ANSWER = 64 << 20;
    private static final int CONNECT_TIMEOUT_MS = 4_000;

    private final FixedEnsembleProvider servers;
    private final StoreLogin login;
    private final CuratorFramework curator;
    private final List<Consumer<ClusterStore.Connection>> listeners = new CopyOnWriteArrayList<>();

    static {
        // ZooKeeper's jars split packages and cannot be modules; on a module path they live in the unnamed module.
        Module self = StoreConnection.class.getModule();
        self.addReads(StoreConnection.class.getClassLoader().getUnnamedModule());
    }

    StoreConnection(Collection<InetSocketAddress> managers, StoreLogin login) {
        this.servers = new FixedEnsembleProvider(text(managers));
        this.login = login;
        ZKClientConfig config = login.configuration();
        config.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(LARGEST_ANSWER));
        curator = CuratorFrameworkFactory.builder()
                .ensembleProvider(this.servers)
                .sessionTimeoutMs(ZooKeeperClusterStore.SESSION_TIMEOUT_MS)
                .connectionTimeoutMs(CONNECT_TIMEOUT_MS)
                .retryPolicy(new BoundedExponentialBackoffRetry(100, 1_000, 5))
                .zkClientConfig(config)
                .ensembleTracker(false)
                .build();
        curator.getConnectionStateListenable().addListener((client, state) -> tell(state));
        curator.start();
    }

    private static String text(Collection<InetSocketAddress> managers) {
        return managers.stream().map(ManagerAddress::text).sorted().distinct().collect(Collectors.joining(","));
    }

    /** Where managers are; taken up when the present connection breaks. */
    void follow(Collection<InetSocketAddress> managers) {
        servers.setConnectionString(text(managers));
    }

    /** For watched copies. */
    CuratorFramework curator() {
        return curator;
    }

    void onChange(Consumer<ClusterStore.Connection> listener) {
        listeners.add(listener);
    }

    private void tell(ConnectionState state) {
        LOG.info("cluster store at {}: {}", servers.getConnectionString(), state);
        ClusterStore.Connection connection = switch (state) {
            case CONNECTED, RECONNECTED, READ_ONLY -> ClusterStore.Connection.CONNECTED;
            case SUSPENDED -> ClusterStore.Connection.SUSPENDED;
            case LOST -> ClusterStore.Connection.LOST;
        };
        listeners.forEach(listener -> listener.accept(connection));
    }

    /** One request to ZooKeeper. */
    interface Request<T> {
        T run(ZooKeeper zooKeeper) throws Exception;
    }

    /** Reads: nothing when there is no such entry. */
    <T> Optional<T> present(String path, Request<T> request) {
        try {
            return Optional.of(repeated(path, request));
        } catch (StoreConflict e) {
            return Optional.empty();
        }
    }

    /** Repeated while the connection breaks, as it does when the leader changes: that harms no read. */
    <T> T repeated(String path, Request<T> request) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ClusterStore.PATIENCE_SECONDS);
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

    /**
     * Once.
     *
     * @throws StoreConflict                    if an entry is there that should not be, or is not and should
     * @throws WeftException.ManagerRequired    if the store does not let this node do it
     * @throws WeftException.ManagerUnreachable if the store is away, or goes away before the answer
     */
    <T> T call(String path, Request<T> request) {
        await(ClusterStore.PATIENCE_SECONDS);
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

    /** @throws WeftException.ManagerUnreachable if there is none after so many seconds */
    void await(int seconds) {
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

    @Override
    public void close() {
        curator.close();
    }
}
