package dev.weft.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Collects a {@link NodeSpec} and starts the node. Not thread-safe. */
public final class NodeBuilder {
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

    NodeBuilder() {
    }

    /** Needed. Unique in the cluster: 1 to 63 letters, digits, '-', '_' or '.'. */
    public NodeBuilder name(String value) {
        name = value;
        return this;
    }

    /** Needed. One node's at a time; made when it is missing, readable by this user only. */
    public NodeBuilder dataDirectory(Path value) {
        dataDirectory = value;
        return this;
    }

    /** Needed. The control address, of this host: an IPv4 or IPv6 literal. @throws WeftException.InvalidSpec if it is none */
    public NodeBuilder advertise(String literal) {
        advertise = Cidr.parseAddress(literal);
        return this;
    }

    /** The data-path address, a literal as well; defaults to the advertise address. @throws WeftException.InvalidSpec if it is none */
    public NodeBuilder vtep(String literal) {
        vtep = Cidr.parseAddress(literal);
        return this;
    }

    /** Defaults to {@link DataPathKind#AUTO}. */
    public NodeBuilder dataPath(DataPathKind value) {
        dataPath = value;
        return this;
    }

    /** As {@link NodeSpec#uplink} says; null, and by default: the interface that has the data-path address. */
    public NodeBuilder uplink(String value) {
        uplink = Optional.ofNullable(value);
        return this;
    }

    /** Defaults to 2377 to 2380 and 7946. */
    public NodeBuilder ports(ControlPorts value) {
        ports = value;
        return this;
    }

    /** UDP, 1 to 65535; the same at all nodes. Defaults to 4789. */
    public NodeBuilder dataPathPort(int value) {
        dataPathPort = value;
        return this;
    }

    /** For the data paths in user space. Defaults to {@link PipelineSpec#DEFAULT}. */
    public NodeBuilder pipeline(PipelineSpec value) {
        pipeline = value;
        return this;
    }

    /** Defaults to {@link EncryptionSpec#DEFAULT}. */
    public NodeBuilder encryption(EncryptionSpec value) {
        encryption = value;
        return this;
    }

    /** The way out for endpoints in network namespaces. */
    public NodeBuilder gatewayBridge(GatewayBridgeSpec value) {
        gatewayBridge = value;
        return this;
    }

    /** Adds a name server for names outside of the node's networks. Defaults to those of the host (resolv.conf). */
    public NodeBuilder resolver(String literal) {
        return resolver(new InetSocketAddress(Cidr.parseAddress(literal), NodeSpec.DEFAULT_RESOLVER_PORT));
    }

    /** The same with a port. @param server resolved, and not port 0 */
    public NodeBuilder resolver(InetSocketAddress server) {
        resolvers.add(server);
        return this;
    }

    /** Where networks without a subnet of their own take one from, in the cluster that this node begins. Defaults to 10.0.0.0/8 by /24. */
    public NodeBuilder subnetPool(SubnetPoolSpec value) {
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
     * @throws WeftException.InvalidSpec         if the data directory cannot be used, or is another node's or one's that joined
     * @throws WeftException.InUse               if a node runs on the data directory
     * @throws WeftException.DataPathUnavailable if no data path works
     * @throws WeftException.PrivilegeMissing    if the data path that was asked for needs a privilege
     * @throws WeftException.PortInUse           if a control port or the data-path port is taken
     * @throws WeftException.ManagerUnreachable  if it is one of several managers, and no majority of them is there within a minute
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
     * @throws WeftException.ManagerUnreachable if nobody answers there; when connections break before an answer, after a minute
     * @throws WeftException.TokenRefused       if the token is not the cluster's, or no token
     * @throws WeftException.NameTaken          if a live node has the name
     * @throws WeftException.UpdateNeeded       if the cluster's state is of a format that this version does not read
     * @throws WeftException.IdentityRefused    if the node was removed, or its certificate has ended, while it was away
     * @throws WeftException                    as {@link #init} does, for data directory, data path and ports
     */
    public OverlayNode join(String managerHostAndPort, String token) {
        return provider().join(build(), managerHostAndPort, token);
    }

    private static void require(String what, Object value) {
        if (value == null) {
            throw new WeftException.InvalidSpec("a node needs a " + what + "; call NodeBuilder." + what + "(...)");
        }
    }

    static OverlayNodeProvider provider() {
        return ServiceLoader.load(OverlayNodeProvider.class).findFirst().orElseThrow(() -> new WeftException.InvalidSpec(
                "no node implementation on the module or class path; add the dependency dev.weft:weft-mesh"));
    }
}
