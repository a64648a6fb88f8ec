package dev.weft.api;

import dev.weft.api.counter.CounterSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** One JVM's part in a cluster. Thread-safe. */
public interface OverlayNode extends AutoCloseable {

    static Builder builder() {
        return new Builder();
    }

    /**
     * Removes what a node left in this host's operating system that was killed and will not come back: nothing else does, since packets go
     * on without the process. Its data directory stays, and so does what the cluster knows of it ({@code node rm}).
     *
     * @param dataDirectory the node's
     * @return what was removed
     * @throws WeftException.InUse            if the node runs
     * @throws WeftException.InvalidSpec      if it is no node's data directory
     * @throws WeftException.PrivilegeMissing if this process may not
     */
    static List<String> purge(Path dataDirectory) {
        return Builder.provider().purge(dataDirectory);
    }

    NodeInfo info();

    /** Every node the cluster knows, by name, dead ones too. */
    List<NodeInfo> nodes();

    DataPathReport dataPath();

    /**
     * What a further node needs to join in this role.
     *
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    String token(NodeRole role);

    /**
     * Which managers vote, and which stand by.
     *
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    ManagersInfo managers();

    /**
     * Makes a node a manager. Returns when it votes or stands by; does nothing when it is one.
     *
     * @throws WeftException.NotFound           if the cluster has no such node
     * @throws WeftException.ManagerUnreachable if the cluster store is away, or the node did not follow for a minute
     */
    ManagersInfo promote(String nodeName);

    /**
     * Makes a manager a worker; it goes on as one. Returns when its vote, if it has one, is another's. Does nothing when it is
     * a worker.
     *
     * @throws WeftException.NotFound     if the cluster has no such node
     * @throws WeftException.QuorumAtRisk if it is the only manager, or the others would be no majority
     */
    ManagersInfo demote(String nodeName);

    /**
     * Writes the cluster's whole state, as it is at one moment not before the call, and what proves this manager's identity to
     * one file, which only its owner may read. {@link Builder#restore} takes it.
     *
     * @throws WeftException.ManagerRequired    at a worker
     * @throws WeftException.NameTaken          if the file is there already
     * @throws WeftException.InvalidSpec        if it cannot be written
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    void backup(Path file);

    /**
     * Lets a node take no new endpoints, and services choose none of those it has. Endpoints and open connections stay.
     *
     * @throws WeftException.NotFound if the cluster has no such node
     */
    void drain(String nodeName);

    /** Takes {@link #drain} back. */
    void activate(String nodeName);

    /**
     * Removes another node, and all that it attached.
     *
     * @param force also when it is live
     * @throws WeftException.NotFound     if the cluster has no such node
     * @throws WeftException.InUse        if it is live and not forced, or if it is this node, which can {@link #leave}
     * @throws WeftException.QuorumAtRisk if it is a manager that the others cannot do without
     */
    void remove(String nodeName, boolean force);

    /**
     * Makes the tokens of a role that were handed out worthless. Members stay members.
     *
     * @return a new token
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    String rotateToken(NodeRole role);

    /**
     * Begins to replace the cluster's CA, and with it every certificate; nobody loses a connection. It ends when every node has a certificate
     * of the new one; a node that is away holds it up until it is back or removed. Tokens are others when it has ended.
     *
     * @throws WeftException.InUse              if it is being replaced already
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    void rotateAuthority();

    /** @throws WeftException.NotFound if the cluster has no such node, or it has not said yet what certificate it has */
    CertificateInfo certificate(String nodeName);

    /**
     * The same as {@link OverlayNetwork#create}.
     *
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    OverlayNetwork createNetwork(NetworkSpec spec);

    /** All networks of the cluster, by name. */
    List<OverlayNetwork> networks();

    /** @throws WeftException.NotFound if the cluster has no network of that name */
    OverlayNetwork network(String name);

    /** The SAs of this node with others, by the name of the other; empty when no encrypted network is shared. */
    List<SaInfo> keys();

    /** Every counter of the data path, and of whom the control ports turned away, at one moment. */
    CounterSnapshot counters();

    /**
     * Takes the node out of the cluster for good: detaches its endpoints, forgets its identity and closes it.
     *
     * @throws WeftException.InUse        if it is the last manager and other nodes are still members
     * @throws WeftException.QuorumAtRisk if it is a manager that the others cannot do without
     */
    void leave();

    /**
     * Stops: packets no longer flow, and everything the node made in the operating system is removed. Its endpoints in
     * namespaces and on host interfaces come back when a node starts again on the same data directory. Idempotent.
     */
    @Override
    void close();

    /** Collects a {@link NodeSpec} and starts the node. Not thread-safe. */
    final class Builder {
        private String name;
        private Path dataDirectory;
        private InetAddress advertise;
        private InetAddress vtep;
        private DataPathKind dataPath = DataPathKind.AUTO;
        private Optional<String> uplink = Optional.empty();
        private ControlPorts ports = ControlPorts.DEFAULT;
        private int dataPathPort = NodeSpec.DEFAULT_DATA_PATH_PORT;
        private PipelineSpec pipeline = PipelineSpec.DEFAULT;
        private final List<InetSocketAddress> resolvers = new ArrayList<>();
        private EncryptionSpec encryption = EncryptionSpec.DEFAULT;
        private GatewayBridgeSpec gatewayBridge = GatewayBridgeSpec.DEFAULT;
        private SubnetPoolSpec subnetPool = SubnetPoolSpec.DEFAULT;

        private Builder() {
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder dataDirectory(Path value) {
            dataDirectory = value;
            return this;
        }

        public Builder advertise(String literal) {
            advertise = Cidr.parseAddress(literal);
            return this;
        }

        /** Defaults to the advertise address. */
        public Builder vtep(String literal) {
            vtep = Cidr.parseAddress(literal);
            return this;
        }

        public Builder dataPath(DataPathKind value) {
            dataPath = value;
            return this;
        }

        public Builder uplink(String value) {
            uplink = Optional.ofNullable(value);
            return this;
        }

        /** Defaults to 2377 to 2380 and 7946. */
        public Builder ports(ControlPorts value) {
            ports = value;
            return this;
        }

        public Builder dataPathPort(int value) {
            dataPathPort = value;
            return this;
        }

        public Builder pipeline(PipelineSpec value) {
            pipeline = value;
            return this;
        }

        public Builder encryption(EncryptionSpec value) {
            encryption = value;
            return this;
        }

        /** The way out for endpoints in network namespaces. */
        public Builder gatewayBridge(GatewayBridgeSpec value) {
            gatewayBridge = value;
            return this;
        }

        /** Adds a name server for names outside of the node's networks. Defaults to those of the host (resolv.conf). */
        public Builder resolver(String literal) {
            return resolver(new InetSocketAddress(Cidr.parseAddress(literal), NodeSpec.DEFAULT_RESOLVER_PORT));
        }

        public Builder resolver(InetSocketAddress server) {
            resolvers.add(server);
            return this;
        }

        /** Where networks without a subnet of their own take one from, in the cluster that this node begins. Defaults to 10.0.0.0/8 by /24. */
        public Builder subnetPool(SubnetPoolSpec value) {
            subnetPool = value;
            return this;
        }

        /** @throws WeftException.InvalidSpec if something is missing or out of range */
        public NodeSpec build() {
            require("name", name);
            require("dataDirectory", dataDirectory);
            require("advertise", advertise);
            return new NodeSpec(name, dataDirectory, advertise, vtep == null ? advertise : vtep, dataPath, uplink,
                    ports, dataPathPort, pipeline, resolvers, encryption, gatewayBridge, subnetPool);
        }

        /**
         * Starts the first manager of a new cluster, or a manager again on its data directory.
         *
         * @throws WeftException.DataPathUnavailable if no data path works
         * @throws WeftException.PortInUse           if a control port or the data-path port is taken
         */
        public OverlayNode init() {
            return provider().init(build());
        }

        /**
         * Starts a manager alone on the state that its data directory has, when a majority of the managers is lost for good. The
         * others have no vote any more, and stand by when they come back. Do not let them come back where they cannot reach
         * this one: a majority of them is still the old cluster.
         *
         * @throws WeftException.InvalidSpec if the data directory is not a manager's
         */
        public OverlayNode forceNewCluster() {
            return provider().recover(build());
        }

        /**
         * Starts the manager that made a backup, on an empty data directory, with the state of that time, when the cluster is
         * lost. Workers come back by themselves; what else was a manager has to join anew.
         *
         * @param file written by {@link OverlayNode#backup}
         * @throws WeftException.InvalidSpec if the data directory is a node's, or the file is no backup, of a later format or damaged
         */
        public OverlayNode restore(Path file) {
            return provider().restore(build(), file);
        }

        /**
         * Joins a cluster, or comes back to it.
         *
         * @param managerHostAndPort {@code HOST} or {@code HOST:PORT} of any manager's management port
         * @param token              not looked at when the node comes back: its certificate proves who it is
         * @throws WeftException.ManagerUnreachable if nobody answers there
         * @throws WeftException.TokenRefused       if the token is not the cluster's
     * @throws WeftException.IdentityRefused    if the node was removed, or its certificate has ended, while it was away
         */
        public OverlayNode join(String managerHostAndPort, String token) {
            return provider().join(build(), managerHostAndPort, token);
        }

        private static void require(String what, Object value) {
            if (value == null) {
                throw new WeftException.InvalidSpec("a node needs a " + what + "; call Builder." + what + "(...)");
            }
        }

        private static OverlayNodeProvider provider() {
            return ServiceLoader.load(OverlayNodeProvider.class).findFirst().orElseThrow(() -> new WeftException.InvalidSpec(
                    "no node implementation on the module or class path; add the dependency dev.weft:weft-mesh"));
        }
    }
}
