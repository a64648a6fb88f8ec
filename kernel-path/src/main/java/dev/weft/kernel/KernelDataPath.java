package dev.weft.kernel;

import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.Gateway;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.UplinkCapture;
import dev.weft.ffm.libc.DeadNames;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.PacketCapture;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.kernel.nft.UnderlayRules;
import dev.weft.kernel.xfrm.Encryption;
import dev.weft.kernel.xfrm.RequestIds;
import dev.weft.kernel.xfrm.XfrmStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Lets the kernel carry the packets: one namespace for each network, with a bridge, a VXLAN interface and a port for each
 * endpoint in it. A change writes what differs from the state before, so its cost goes by the change; what is there is asked of the
 * kernel at the first apply, after a failure, when the same state comes again, and a minute after changes.
 */
final class KernelDataPath implements DataPath {

    private final Uplink uplink;
    private final KernelNames names;
    private final Map<Integer, KernelNetwork> networks = new TreeMap<>();
    private final NetworkVteps vteps = new NetworkVteps();
    private final InProcessEndpoints inProcess = new InProcessEndpoints();
    private final RequestIds requestIds;
    private final UnderlayRules underlay;
    private final Optional<String> clearOnly;
    private final Optional<Encryption> encryption;
    private final KernelCounters counters;
    private final Audit audit;
    private long epoch = Long.MIN_VALUE;
    /** What is there, but for the failures; null: unknown. */
    private DataPathState applied;
    /** What is to be there; null before the first one. */
    private DataPathState wanted;
    /** Why encrypted packets cannot be received by UDP. */
    private Optional<WeftException> noUdp = Optional.empty();
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
        this.audit = new Audit(uplink.config().nodeId(), this::audit);
    }

    static KernelDataPath open(DataPathConfig config) {
        return open(config, EncryptionProbe.clearOnly(config));
    }

    /** @param clearOnly why this kernel cannot encrypt */
    static KernelDataPath open(DataPathConfig config, Optional<String> clearOnly) {
        Uplink uplink = Uplink.open(config);
        KernelDataPath path = null;
        try {
            path = new KernelDataPath(uplink, clearOnly);
            if (path.leftovers().isEmpty()) {
                uplink.requireFreePort(); // after kill -9 the port is our own
            }
            DeadNames.remove(KernelNames::isNamespace); // of any node of this host: who will not come back cannot
            return path;
        } catch (RuntimeException e) {
            if (path != null) {
                path.letGo();
            }
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
    public UplinkCapture captureUplink() {
        return uplink.namespace().call(() -> PacketCapture.open(uplink.link().name()));
    }

    /** A state that differs in nothing from the last one is an order to look at everything. */
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
        make(possible, applied == null || applied.networks().equals(possible.networks()) && applied.peers().equals(possible.peers()));
        networks.values().forEach(network -> failures.putAll(network.failures()));
        noUdp.ifPresent(reason -> possible.networks().stream().filter(network -> network.encryption().isPresent())
                .forEach(network -> network.locals().forEach(local -> failures.putIfAbsent(local.id(), reason))));
        failed = Map.copyOf(failures);
        return failed;
    }

    /** @param all whatever is there; else by what differs from the state before */
    private void make(DataPathState state, boolean all) {
        DataPathState before = applied;
        wanted = state;
        applied = null;
        try {
            remove(state, all);
            if (vteps.update(state) || all || noUdp.isPresent() || !before.peers().equals(state.peers())) {
                reconcileUplink(state);
            }
            for (NetworkState network : state.networks()) {
                KernelNetwork made = networks.computeIfAbsent(network.vni(), this::open);
                if (all) {
                    made.audit(network);
                } else {
                    made.change(network);
                }
            }
        } catch (NetlinkException e) {
            throw new WeftException.DataPathFailed("kernel path: " + e.getMessage(), e);
        }
        counters.show(List.copyOf(networks.values()), state);
        applied = state;
        audit.wanted(!all);
    }

    /**
     * The rules are there before any tunnel of an encrypted network, and before an SA opens anything; and they go after both. What would
     * leave in clear is dropped by them.
     */
    private void reconcileUplink(DataPathState state) {
        requestIds.reconcile(state);
        boolean encrypts = state.networks().stream().anyMatch(network -> network.encryption().isPresent());
        if (!encrypts) {
            noUdp = encryption.flatMap(kernel -> kernel.reconcile(state));
        }
        underlay.reconcile(state, vteps::of);
        if (encrypts) {
            noUdp = encryption.flatMap(kernel -> kernel.reconcile(state));
        }
    }

    private KernelNetwork open(int vni) {
        return new KernelNetwork(NetworkScope.open(names.namespace(vni)), uplink, inProcess);
    }

    /**
     * Looks at everything that the last state made, and puts right what somebody else changed.
     *
     * @throws WeftException if that cannot be, also of an endpoint that the last apply has made, unless its namespace has gone
     */
    synchronized void audit() {
        if (!closed && wanted != null) {
            make(wanted, true);
            Audit.lost(networks.values().stream().flatMap(network -> network.failures().entrySet().stream()), failed.keySet()).ifPresent(lost -> {
                throw new WeftException.DataPathFailed("endpoint '" + lost.getKey() + "' is lost: " + lost.getValue().getMessage(), lost.getValue());
            });
        }
    }

    /** Networks that nobody wants any more: each, whatever becomes of the others. @param all those of an earlier process too */
    private void remove(DataPathState state, boolean all) {
        Set<Integer> gone = all ? leftovers() : new HashSet<>();
        gone.addAll(networks.keySet());
        state.networks().forEach(network -> gone.remove(network.vni()));
        Map<Integer, KernelNetwork> ending = new HashMap<>(networks);
        networks.keySet().removeAll(gone);
        counters.show(List.copyOf(networks.values()), state);
        List<RuntimeException> failures = new ArrayList<>();
        for (int vni : gone) {
            KernelNetwork network = ending.get(vni);
            try {
                (network == null ? open(vni) : network).destroy(vni);
            } catch (NetlinkException | WeftException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
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

    /** Requests for a change sent to the kernel since open, nf_tables not among them: a second apply of a state adds none. */
    synchronized long changes() {
        return uplink.changes() + encryption.map(Encryption::changes).orElse(0L)
                + networks.values().stream().mapToLong(KernelNetwork::changes).sum();
    }

    @Override
    public FrameChannel frames(EndpointId endpoint) {
        return inProcess.frames(endpoint).orElseThrow(() -> new WeftException.NotFound("there is no in-process endpoint '" + endpoint
                + "' on this data path; attach it first"));
    }

    @Override
    public synchronized Optional<Gateway> gateway(int vni) {
        return Optional.ofNullable(networks.get(vni)).map(network -> network.scope().gateway);
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
                letGo();
                uplink.close();
            }
        }
    }

    /** Of its sockets and of its thread; what is in the kernel stays. */
    private void letGo() {
        audit.close();
        encryption.ifPresent(Encryption::close);
        underlay.close();
    }
}
