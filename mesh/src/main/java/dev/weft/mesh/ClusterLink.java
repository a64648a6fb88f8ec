package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.cluster.ServerRegistry;
import dev.weft.mesh.enrol.CertificateKeeper;
import dev.weft.mesh.enrol.Enrolment;
import dev.weft.mesh.enrol.ManagementClient;
import dev.weft.mesh.ensemble.EnsembleControl;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.identity.JoinToken;
import dev.weft.mesh.identity.ManagerAddress;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.zookeeper.StoreLogin;
import dev.weft.mesh.store.zookeeper.ZooKeeperClusterStore;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A node's tie to its cluster: who it is, what proves it, a connection to the store, and the store's server if it runs here.
 *
 * @param ensemble the store's servers, when the store has such: the one in memory has not
 * @param fresh whether the node was made just now; if its start fails, {@link #abandon} leaves nothing behind
 */
record ClusterLink(DataDirectory directory, Identity identity, NodeIdentity proof, Optional<StoreHost> host, ClusterStore store,
                   Optional<EnsembleControl> ensemble, boolean fresh) implements AutoCloseable {

    private static final int CONNECT_SECONDS = 20;
    /** The other managers may be starting too, and without a majority of them nobody answers. */
    private static final int COME_BACK_SECONDS = 60;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The first manager of a new cluster, or the same again. */
    static ClusterLink init(NodeSpec spec) {
        return init(spec, InstantSource.system());
    }

    /** @param clock for certificates */
    static ClusterLink init(NodeSpec spec, InstantSource clock) {
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        boolean fresh = false;
        StoreHost host = null;
        ZooKeeperClusterStore store = null;
        try {
            Optional<Identity> before = directory.identity();
            before.ifPresent(identity -> requireSame(identity, spec, true));
            fresh = before.isEmpty();
            ClusterFounding founding = new ClusterFounding(directory, clock, RANDOM);
            if (fresh) {
                founding.drawIdentity(spec);
            }
            Identity identity = directory.identity().orElseThrow();
            NodeCredentials credentials = credentials(directory, clock);
            host = new StoreHost(directory, spec, credentials);
            host.resume();
            boolean alone = directory.managers().isEmpty();
            if (alone) {
                host.start(ServerRegistry.FIRST, "");
            }
            store = connect(addresses(host, directory), directory, identity, fresh ? CONNECT_SECONDS : COME_BACK_SECONDS);
            if (alone) {
                founding.fill(store, identity, credentials, spec.subnetPool());
            }
            return link(directory, credentials, host, store, fresh, clock);
        } catch (RuntimeException e) {
            abandon(directory, host, store, fresh);
            throw e;
        }
    }

    /**
     * A manager that goes on alone, on the state that it has: it is known that a majority of the others will not come back.
     *
     * @throws WeftException.InvalidSpec if the data directory is not a manager's
     */
    static ClusterLink recover(NodeSpec spec) {
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        ClusterLink link = alone(directory, spec, false);
        return link.having(() -> ClusterRecovery.forgetServers(new Registries(link.store(), RANDOM), link.identity().id()));
    }

    /** Once a first step is done; when it fails there is no link. */
    private ClusterLink having(Runnable first) {
        try {
            first.run();
            return this;
        } catch (RuntimeException e) {
            abandon();
            throw e;
        }
    }

    /**
     * The manager that made a backup, on an empty data directory, with the state of that time.
     *
     * @throws WeftException.InvalidSpec if the data directory is a node's, or the backup cannot be used
     */
    static ClusterLink restore(NodeSpec spec, Path backup) {
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        try {
            directory.restore(backup);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
        ClusterLink link = alone(directory, spec, true);
        return link.having(() -> ClusterRecovery.forgetManagers(new Registries(link.store(), RANDOM), link.identity().id()));
    }

    /** From now on this node is the one that began the cluster, and comes back by {@link #init}. */
    private static ClusterLink alone(DataDirectory directory, NodeSpec spec, boolean fresh) {
        StoreHost host = null;
        ZooKeeperClusterStore store = null;
        try {
            Identity before = directory.identity().orElseThrow(() -> new WeftException.InvalidSpec("data directory " + spec.dataDirectory()
                    + " is nobody's; recover the cluster at a node that was a manager, or restore a backup"));
            requireName(before, spec);
            InstantSource clock = InstantSource.system();
            NodeCredentials credentials = credentials(directory, clock);
            host = new StoreHost(directory, spec, credentials);
            host.recover();
            Identity identity = new Identity(before.id(), before.name(), NodeRole.MANAGER, before.clusterId(), true);
            directory.save(identity);
            store = connect(new LinkedHashSet<>(host.addresses()), directory, identity, COME_BACK_SECONDS);
            directory.saveManagers(host.addresses());
            return link(directory, credentials, host, store, fresh, clock);
        } catch (RuntimeException e) {
            abandon(directory, host, store, fresh);
            throw e;
        }
    }

    private static ClusterLink link(DataDirectory directory, NodeCredentials credentials, StoreHost host, ZooKeeperClusterStore store,
                                    boolean fresh, InstantSource clock) {
        Identity identity = directory.identity().orElseThrow();
        return new ClusterLink(directory, identity, new CertifiedIdentity(directory, identity, credentials, store, host, clock), Optional.of(host),
                store, Optional.of(store), fresh);
    }

    /** @throws WeftException.IdentityRefused if the certificate's time is over */
    private static NodeCredentials credentials(DataDirectory directory, InstantSource clock) {
        KeyMaterial material = directory.keyMaterial();
        Instant end = material.certificate().getNotAfter().toInstant();
        if (end.isBefore(clock.instant())) {
            throw new WeftException.IdentityRefused("this node's certificate ended at " + end
                    + ", while it was away; take an empty data directory and join again with a token");
        }
        return new NodeCredentials(material, clock, new Refusals(clock));
    }

    /** Where the store may be: here, and where it was. */
    private static Set<InetSocketAddress> addresses(StoreHost host, DataDirectory directory) {
        Set<InetSocketAddress> addresses = new LinkedHashSet<>(host.addresses());
        directory.managers().forEach(text -> addresses.add(ManagerAddress.parse(text)));
        return addresses;
    }

    private static ZooKeeperClusterStore connect(Set<InetSocketAddress> stores, DataDirectory directory, Identity identity, int seconds) {
        StoreLogin login = new StoreLogin(identity.id(), directory.keyFile(), directory.trustFile(), Layout::access);
        return ZooKeeperClusterStore.connect(stores, login, seconds);
    }

    /** A further node, or the same again: that one needs no token, because it has a certificate. */
    static ClusterLink join(NodeSpec spec, String manager, String token) {
        return join(spec, manager, token, InstantSource.system());
    }

    /** @param clock for certificates */
    static ClusterLink join(NodeSpec spec, String manager, String token, InstantSource clock) {
        List<InetSocketAddress> managers = ManagerAddress.parseAll(manager);
        DataDirectory directory = DataDirectory.open(spec.dataDirectory());
        boolean fresh = false;
        StoreHost host = null;
        ZooKeeperClusterStore store = null;
        try {
            Optional<Identity> before = directory.identity();
            before.ifPresent(identity -> requireSame(identity, spec, false));
            if (before.isEmpty()) {
                enrol(directory, spec.name(), managers, JoinToken.parse(token), clock);
                fresh = true;
            }
            Identity identity = directory.identity().orElseThrow();
            NodeCredentials credentials = credentials(directory, clock);
            host = new StoreHost(directory, spec, credentials);
            host.resume();
            store = fresh ? connect(addresses(host, directory), directory, identity, CONNECT_SECONDS)
                    : comeBack(host, directory, identity, credentials, managers.getFirst());
            return link(directory, credentials, host, store, fresh, clock);
        } catch (RuntimeException e) {
            abandon(directory, host, store, fresh);
            throw e;
        }
    }

    private static void enrol(DataDirectory directory, String name, List<InetSocketAddress> managers, JoinToken token,
                              InstantSource clock) {
        KeyPair keys = CertificateAuthority.drawKeys(RANDOM);
        Enrolment enrolment = ManagementClient.enrol(managers, token, name, keys, clock);
        KeyMaterial material = CertificateKeeper.material(keys, enrolment);
        if (!enrolment.seal().isEmpty()) {
            directory.save(new Seal(enrolment.seal()));
        }
        directory.saveManagers(enrolment.storeAddresses());
        directory.save(material);
        CertificateSubject subject = material.subject();
        directory.save(new Identity(subject.nodeId(), name, subject.role(), subject.clusterId(), false));
    }

    /** By the stores that it knew last. When none of them answers, the manager at hand may know others, or why they do not. */
    private static ZooKeeperClusterStore comeBack(StoreHost host, DataDirectory directory, Identity identity, NodeCredentials credentials,
                                                  InetSocketAddress manager) {
        try {
            return connect(addresses(host, directory), directory, identity, CONNECT_SECONDS);
        } catch (WeftException.ManagerUnreachable e) {
            askAnew(directory, credentials, manager);
            return connect(addresses(host, directory), directory, identity, COME_BACK_SECONDS);
        }
    }

    /** @throws WeftException.IdentityRefused if the node has been removed */
    private static void askAnew(DataDirectory directory, NodeCredentials credentials, InetSocketAddress manager) {
        KeyPair keys = CertificateAuthority.drawKeys(RANDOM);
        try {
            Enrolment enrolment = ManagementClient.renew(manager, credentials, keys);
            KeyMaterial material = CertificateKeeper.material(keys, enrolment);
            directory.save(material);
            credentials.replace(material);
            directory.saveManagers(enrolment.storeAddresses());
        } catch (WeftException.ManagerUnreachable e) {
            // all the managers may be starting: the store is waited for a while longer
        }
    }

    private static void requireName(Identity identity, NodeSpec spec) {
        if (!identity.name().equals(spec.name())) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory() + " is node '" + identity.name()
                    + "', not '" + spec.name() + "'; start it under its own name, or take another directory");
        }
    }

    private static void requireSame(Identity identity, NodeSpec spec, boolean hostsStore) {
        requireName(identity, spec);
        if (identity.hostsStore() != hostsStore) {
            throw new WeftException.InvalidSpec("data directory " + spec.dataDirectory() + " is a node that "
                    + (hostsStore ? "joined a cluster; join again, or take another directory"
                            : "began its own cluster; init again, or take another directory"));
        }
    }

    private static void abandon(DataDirectory directory, StoreHost host, ClusterStore store, boolean fresh) {
        if (store != null) {
            store.close();
        }
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
        proof.close();
        abandon(directory, host.orElse(null), store, fresh);
    }

    /** Closes and forgets the node. */
    void erase() {
        proof.close();
        abandon(directory, host.orElse(null), store, true);
    }

    @Override
    public void close() {
        proof.close();
        abandon(directory, host.orElse(null), store, false);
    }
}
