package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.cluster.ServerRegistry;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.identity.JoinToken;
import dev.weft.mesh.identity.ManagerAddress;
import dev.weft.mesh.identity.RoleSecrets;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.zookeeper.Credentials;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A node's tie to its cluster: who it is, what proves it, a connection to the store, and the store's server if it runs here.
 *
 * @param fresh whether the node was made just now; if its start fails, {@link #abandon} leaves nothing behind
 */
record ClusterLink(DataDirectory directory, Identity identity, RoleSecrets secrets, Optional<StoreHost> host, ClusterStore store,
                   boolean fresh) implements AutoCloseable {

    private static final int CONNECT_SECONDS = 8;
    /** The other managers may be starting too, and without a majority of them nobody answers. */
    private static final int COME_BACK_SECONDS = 60;
    private static final int NODE_ID_BYTES = 8;
    private static final int CLUSTER_ID_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The first manager of a new cluster, or the same again. */
    static ClusterLink init(NodeSpec spec) {
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        boolean fresh = false;
        StoreHost host = new StoreHost(directory, spec);
        try {
            Optional<Identity> before = directory.identity();
            before.ifPresent(identity -> requireSame(identity, spec, true));
            fresh = before.isEmpty();
            if (fresh) {
                foundCluster(directory, spec);
            }
            Identity identity = directory.identity().orElseThrow();
            RoleSecrets secrets = directory.secrets(identity);
            host.resume();
            if (directory.managers().isEmpty()) {
                host.start(ServerRegistry.FIRST, "");
            }
            ZooKeeperClusterStore store = ZooKeeperClusterStore.connect(addresses(host, directory, Optional.empty()), credentials(secrets),
                    fresh ? CONNECT_SECONDS : COME_BACK_SECONDS);
            ClusterLink link = new ClusterLink(directory, identity, secrets, Optional.of(host), store, fresh);
            if (directory.managers().isEmpty()) {
                store.bootstrap(Layout.ofManagers(new ClusterRecord(identity.clusterId(), spec.subnetPool())), Layout.ofMembers());
            }
            return link;
        } catch (RuntimeException e) {
            abandon(directory, host, fresh);
            throw e;
        }
    }

    /** Where the store may be: here, where it was, and where the caller says. */
    private static Set<InetSocketAddress> addresses(StoreHost host, DataDirectory directory, Optional<InetSocketAddress> given) {
        Set<InetSocketAddress> addresses = new LinkedHashSet<>(host.addresses());
        directory.managers().forEach(text -> addresses.add(ManagerAddress.parse(text)));
        given.ifPresent(addresses::add);
        return addresses;
    }

    /** Once the identity is on disk, a start that was cut short can be repeated. */
    private static void foundCluster(DataDirectory directory, NodeSpec spec) {
        if (Files.exists(directory.store())) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory()
                    + " holds a cluster store but no identity; restore node.json, or take an empty directory");
        }
        directory.save(new Identity(draw(NODE_ID_BYTES), spec.name(), NodeRole.MANAGER, draw(CLUSTER_ID_BYTES), true), RoleSecrets.draw(RANDOM));
    }

    /** A further node, or the same again. */
    static ClusterLink join(NodeSpec spec, String manager, String tokenText) {
        JoinToken token = JoinToken.parse(tokenText);
        InetSocketAddress address = new InetSocketAddress(ManagerAddress.parse(manager).getAddress(), spec.ports().store());
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        boolean fresh = false;
        StoreHost host = new StoreHost(directory, spec);
        ZooKeeperClusterStore store = null;
        try {
            Optional<Identity> before = directory.identity();
            before.ifPresent(identity -> {
                requireSame(identity, spec, false);
                requireToken(token, identity.clusterId());
            });
            RoleSecrets secrets = RoleSecrets.of(token.role(), token.secret());
            host.resume();
            store = ZooKeeperClusterStore.connect(addresses(host, directory, Optional.of(address)), credentials(secrets),
                    before.isEmpty() ? CONNECT_SECONDS : COME_BACK_SECONDS);
            requireToken(token, new Registries(store, RANDOM).membership().cluster().id());
            fresh = before.isEmpty();
            Identity identity = new Identity(before.map(Identity::id).orElseGet(() -> draw(NODE_ID_BYTES)), spec.name(), token.role(),
                    token.clusterId(), false);
            directory.save(identity, secrets);
            return new ClusterLink(directory, identity, secrets, Optional.of(host), store, fresh);
        } catch (RuntimeException e) {
            if (store != null) {
                store.close();
            }
            abandon(directory, host, fresh);
            throw e;
        }
    }

    private static void requireSame(Identity identity, NodeSpec spec, boolean hostsStore) {
        if (!identity.name().equals(spec.name())) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory() + " is node '" + identity.name()
                    + "', not '" + spec.name() + "'; start it under its own name, or take another directory");
        }
        if (identity.hostsStore() != hostsStore) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory() + " is a node that "
                    + (hostsStore ? "joined a cluster; join again, or take another directory"
                            : "began its own cluster; init again, or take another directory"));
        }
    }

    private static void requireToken(JoinToken token, String clusterId) {
        if (!token.isOfCluster(clusterId)) {
            throw new WeftException.TokenRefused("the join token is for cluster " + token.clusterId() + ", and this is cluster " + clusterId
                    + "; ask a manager of this cluster for one (weft token worker)");
        }
    }

    private static Credentials credentials(RoleSecrets secrets) {
        return new Credentials(secrets.manager(), secrets.worker());
    }

    private static String draw(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static void abandon(DataDirectory directory, StoreHost host, boolean fresh) {
        if (host != null) {
            host.close();
        }
        if (fresh) {
            directory.erase();
        }
        directory.close();
    }

    /** After a start that failed: closes, and forgets a node that was made for it. */
    void abandon() {
        store.close();
        abandon(directory, host.orElse(null), fresh);
    }

    /** Closes and forgets the node. */
    void erase() {
        store.close();
        abandon(directory, host.orElse(null), true);
    }

    @Override
    public void close() {
        store.close();
        abandon(directory, host.orElse(null), false);
    }
}
