package dev.weft.kernel;

import dev.weft.api.Attachment;
import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.Gateway;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SaUsage;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.kernel.nft.EndpointGuard;
import dev.weft.kernel.nft.NetworkRules;
import dev.weft.kernel.nft.UnderlayRules;
import dev.weft.kernel.xfrm.Encryption;
import dev.weft.kernel.xfrm.RequestIds;
import dev.weft.kernel.xfrm.XfrmStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Lets the kernel carry the packets: one namespace for each network, with a bridge, a VXLAN interface and a port for each
 * endpoint in it. What is there is asked of the kernel at each apply and only differences are written.
 */
final class KernelDataPath implements DataPath {

    private final Uplink uplink;
    private final KernelNames names;
    private final Map<Integer, NetworkScope> scopes = new TreeMap<>();
    private final InProcessEndpoints inProcess = new InProcessEndpoints();
    private final RequestIds requestIds;
    private final UnderlayRules underlay;
    private final Optional<String> clearOnly;
    private final Optional<Encryption> encryption;
    private final KernelCounters counters;
    private long elsewhere;
    private long epoch = Long.MIN_VALUE;
    private Map<EndpointId, WeftException> failed = Map.of();
    private boolean closed;

    private KernelDataPath(Uplink uplink, Optional<String> clearOnly) {
        this.uplink = uplink;
        this.names = new KernelNames(uplink.config().nodeId());
        this.requestIds = new RequestIds(uplink.config().nodeId());
        this.underlay = new UnderlayRules(uplink.namespace(), uplink.config(), requestIds, names.table());
        this.clearOnly = clearOnly;
        this.encryption = clearOnly.isPresent() ? Optional.empty()
                : Optional.of(new Encryption(uplink.namespace(), uplink.config(), requestIds));
        this.counters = new KernelCounters(underlay, new XfrmStatistics(uplink.namespace()));
    }

    static KernelDataPath open(DataPathConfig config) {
        return open(config, EncryptionProbe.clearOnly(config));
    }

    /** @param clearOnly why this kernel cannot encrypt */
    static KernelDataPath open(DataPathConfig config, Optional<String> clearOnly) {
        Uplink uplink = Uplink.open(config);
        try {
            KernelDataPath path = new KernelDataPath(uplink, clearOnly);
            if (path.leftovers().isEmpty()) {
                uplink.requireFreePort(); // after kill -9 the port is our own
            }
            return path;
        } catch (RuntimeException e) {
            uplink.close();
            throw e;
        }
    }

    /** VNIs that this node has namespaces for, whoever made them. */
    private Set<Integer> leftovers() {
        return NetworkNamespace.names().stream().map(names::vni).filter(java.util.OptionalInt::isPresent)
                .map(java.util.OptionalInt::getAsInt).collect(Collectors.toCollection(HashSet::new));
    }

    @Override
    public DataPathKind kind() {
        return DataPathKind.KERNEL;
    }

    @Override
    public int underlayMtu() {
        return uplink.link().mtu();
    }

    @Override
    public List<String> properties() {
        return List.of("uplink=" + uplink.link().name(), "namespaces=" + names.namespace(0).replaceAll("0$", "VNI"));
    }

    @Override
    public synchronized Map<EndpointId, WeftException> apply(DataPathState state) {
        if (closed) {
            throw new WeftException.NodeClosed("the data path is closed");
        }
        if (state.epoch() < epoch) {
            return failed;
        }
        epoch = state.epoch();
        Map<EndpointId, WeftException> failures = new HashMap<>();
        DataPathState possible = clearOnly.map(reason -> clearPart(state, reason, failures)).orElse(state);
        try {
            remove(possible);
            requestIds.reconcile(possible);
            underlay.reconcile(possible); // before any tunnel of an encrypted network is there, what would leave it in clear is dropped
            Optional<WeftException> noUdp = encryption.flatMap(kernel -> kernel.reconcile(possible));
            for (NetworkState network : possible.networks()) {
                failures.putAll(apply(network));
                noUdp.filter(reason -> network.encryption().isPresent())
                        .ifPresent(reason -> network.locals().forEach(local -> failures.putIfAbsent(local.id(), reason)));
            }
        } catch (NetlinkException e) {
            throw new WeftException.DataPathFailed("kernel path: " + e.getMessage(), e);
        }
        counters.show(List.copyOf(scopes.values()), possible);
        failed = Map.copyOf(failures);
        return failed;
    }

    /** What a kernel without IPsec can make so; all endpoints of encrypted networks have failed. */
    private static DataPathState clearPart(DataPathState state, String reason, Map<EndpointId, WeftException> failures) {
        List<NetworkState> clear = new ArrayList<>();
        for (NetworkState network : state.networks()) {
            if (network.encryption().isEmpty()) {
                clear.add(network);
            } else {
                network.locals().forEach(local -> failures.put(local.id(), new WeftException.DataPathUnavailable("network '" + network.name()
                        + "' is encrypted and " + reason)));
            }
        }
        return new DataPathState(state.epoch(), clear);
    }

    /** Networks first that nobody wants any more, then endpoints. */
    private void remove(DataPathState state) {
        Set<EndpointId> wanted = state.networks().stream().flatMap(network -> network.locals().stream())
                .filter(local -> local.attachment() instanceof Attachment.InProcess).map(LocalEndpoint::id).collect(Collectors.toSet());
        inProcess.retain(wanted);
        Set<Integer> gone = leftovers();
        gone.addAll(scopes.keySet());
        state.networks().forEach(network -> gone.remove(network.vni()));
        for (int vni : gone) {
            NetworkScope scope = scopes.remove(vni);
            (scope == null ? NetworkScope.open(names.namespace(vni)) : scope).destroy();
        }
    }

    private Map<EndpointId, WeftException> apply(NetworkState network) {
        NetworkScope scope = scopes.computeIfAbsent(network.vni(), vni -> NetworkScope.open(names.namespace(vni)));
        NetworkReconciler reconciler = new NetworkReconciler(scope, network, uplink);
        reconciler.prepare();
        Set<String> ports = network.locals().stream().map(local -> KernelNames.port(local.id())).collect(Collectors.toSet());
        scope.links.list().stream().filter(link -> KernelNames.isPort(link.name()) && !ports.contains(link.name()))
                .forEach(scope.links::delete);
        Map<EndpointId, WeftException> failures = new LinkedHashMap<>();
        List<LocalEndpoint> made = new ArrayList<>();
        for (LocalEndpoint local : network.locals()) {
            try {
                make(scope, network, local);
                made.add(local);
            } catch (WeftException e) {
                failures.put(local.id(), e);
            }
        }
        reconciler.finish(made);
        NetworkRules.reconcile(scope.namespace(), network, made.stream()
                .map(local -> new EndpointGuard.Port(KernelNames.port(local.id()), local.addresses())).toList());
        return failures;
    }

    private void make(NetworkScope scope, NetworkState network, LocalEndpoint local) {
        if (local.attachment() instanceof Attachment.InProcess) {
            inProcess.reconcile(scope, network, local);
        } else {
            elsewhere += new EndpointReconciler(scope, network, uplink).reconcile(local);
        }
    }

    /** Requests for a change sent to the kernel since open, nf_tables not among them: a second apply of a state adds none. */
    synchronized long changes() {
        return elsewhere + uplink.changes() + encryption.map(Encryption::changes).orElse(0L) + scopes.values().stream().mapToLong(NetworkScope::changes).sum();
    }

    @Override
    public FrameChannel frames(EndpointId endpoint) {
        return inProcess.frames(endpoint).orElseThrow(() -> new WeftException.NotFound("there is no in-process endpoint '" + endpoint
                + "' on this data path; attach it first"));
    }

    @Override
    public synchronized Optional<Gateway> gateway(int vni) {
        return Optional.ofNullable(scopes.get(vni)).map(scope -> scope.gateway);
    }

    @Override
    public CounterSnapshot counters() {
        return counters.read();
    }

    @Override
    public Optional<String> clearOnly() {
        return clearOnly;
    }

    @Override
    public List<SaUsage> saUsage() {
        return encryption.map(Encryption::usage).orElse(List.of());
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            try {
                apply(new DataPathState(Long.MAX_VALUE, List.of()));
            } finally {
                closed = true;
                encryption.ifPresent(Encryption::close);
                underlay.close();
                uplink.close();
            }
        }
    }
}
