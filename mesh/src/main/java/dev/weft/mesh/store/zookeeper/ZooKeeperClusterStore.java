package dev.weft.mesh.store.zookeeper;

import dev.weft.api.WeftException;
import dev.weft.mesh.ensemble.Ensemble;
import dev.weft.mesh.ensemble.EnsembleControl;
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
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ClusterStore} on ZooKeeper. Curator keeps the watched copies; reads and transactions go to the ZooKeeper client directly, because
 * Curator would repeat a transaction whose answer was lost and then report a conflict with itself.
 *
 * <p>A server may be behind what another has acknowledged. Before a read it is told to catch up, and its answer is waited for: one that was
 * lost with a connection would let the read go to another server, which was told nothing.
 */
public final class ZooKeeperClusterStore implements ClusterStore, EnsembleControl {

    /** A node that is silent for so long is dead to the others. */
    public static final int SESSION_TIMEOUT_MS = 6_000;

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperClusterStore.class);
    private static final String CONFIG = "/zookeeper/config";
    /** ZooKeeper's own entries that anyone may write unless they are locked. */
    private static final List<String> OPEN_AT_FIRST = List.of("/", "/zookeeper", "/zookeeper/quota", CONFIG);

    private final StoreLogin login;
    private final StoreConnection connection;

    private ZooKeeperClusterStore(Collection<InetSocketAddress> managers, StoreLogin login) {
        this.login = login;
        this.connection = new StoreConnection(managers, login);
    }

    /**
     * Connects to one of the managers.
     *
     * @param managers        the addresses of their stores, in any order
     * @param patienceSeconds how long to wait for the first answer
     * @throws WeftException.ManagerUnreachable if nobody answers there, or something that is no manager
     */
    public static ZooKeeperClusterStore connect(Collection<InetSocketAddress> managers, StoreLogin login, int patienceSeconds) {
        ZooKeeperClusterStore store = new ZooKeeperClusterStore(managers, login);
        try {
            store.connection.await(patienceSeconds);
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void follow(Collection<InetSocketAddress> managers) {
        connection.follow(managers);
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
            connection.call(path, zooKeeper -> zooKeeper.setACL(path, Acls.of(Access.READ, login.node()), -1));
        }
    }

    private List<ACL> acl(String path, Optional<String> node) {
        return Acls.of(login.access().apply(path), node.orElse(login.node()));
    }

    @Override
    public String configurationText() {
        return connection.repeated(CONFIG, zooKeeper -> {
            zooKeeper.sync(CONFIG);
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
        return connection.call(CONFIG, zooKeeper -> {
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
            List<ACL> acl = acl(entry.path(), entry.node());
            connection.call(entry.path(), zooKeeper -> zooKeeper.create(entry.path(), entry.data(), acl, CreateMode.PERSISTENT));
        } catch (StoreConflict e) {
            if (e.kind() != StoreConflict.Kind.EXISTS) {
                throw e;
            }
        }
    }

    @Override
    public Optional<Entry> read(String path) {
        return connection.present(path, zooKeeper -> {
            Stat stat = new Stat();
            zooKeeper.sync(path);
            byte[] data = zooKeeper.getData(path, false, stat);
            return new Entry(data, stat.getVersion());
        });
    }

    @Override
    public List<String> children(String path) {
        return connection.present(path, zooKeeper -> {
            zooKeeper.sync(path);
            return zooKeeper.getChildren(path, false).stream().sorted().toList();
        }).orElse(List.of());
    }

    @Override
    public int count(String path) {
        return connection.present(path, zooKeeper -> {
            Stat stat = zooKeeper.exists(path, false);
            return stat == null ? 0 : stat.getNumChildren();
        }).orElse(0);
    }

    @Override
    public boolean holds(String path) {
        return connection.present(path, zooKeeper -> {
            Stat stat = zooKeeper.exists(path, false);
            return stat != null && stat.getEphemeralOwner() == zooKeeper.getSessionId();
        }).orElse(false);
    }

    @Override
    public void commit(List<Change> changes) {
        connection.call(changes.getFirst().path(), zooKeeper -> {
            try {
                return zooKeeper.multi(Operations.of(changes, this::acl));
            } catch (KeeperException e) {
                throw Operations.conflict(changes, e).orElseThrow(() -> e);
            }
        });
    }

    @Override
    public Subtree watch(String path, EntryListener listener) {
        connection.await(PATIENCE_SECONDS);
        return CachedSubtree.open(connection.curator(), path, listener);
    }

    @Override
    public void onConnection(Consumer<Connection> listener) {
        connection.onChange(listener);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Ends the session on this side, as if the server had said so; the server itself notices the silence later. For tests. */
    void expireSession() {
        connection.call("/", zooKeeper -> {
            zooKeeper.getTestable().injectSessionExpiration();
            return zooKeeper;
        });
    }
}
