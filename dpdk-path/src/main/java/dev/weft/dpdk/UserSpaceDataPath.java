package dev.weft.dpdk;

import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.Gateway;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.path.SaUsage;
import dev.weft.api.path.UplinkCapture;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.esp.GcmEngine;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.InstalledPeer;
import dev.weft.dpdk.esp.SecurityAssociations;
import dev.weft.dpdk.pipeline.IdleStrategy;
import dev.weft.dpdk.pipeline.Pipeline;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.pipeline.PollerThread;
import dev.weft.dpdk.pipeline.Wakeup;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.port.SocketInterface;
import dev.weft.dpdk.port.TapInterfaces;
import dev.weft.dpdk.port.TapPort;
import dev.weft.dpdk.table.PolicyTable;
import dev.weft.dpdk.table.TableEditor;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.PacketCapture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pipeline over one uplink and the ports of this node's endpoints; DPDK and plain sockets differ in the uplink alone. */
final class UserSpaceDataPath implements DataPath {

    private final DataPathKind kind;
    private final DataPathConfig config;
    private final Uplink uplink;
    private final Ports ports = new Ports();
    private final Poller poller;
    private final PollerThread thread;
    private final EndpointPorts endpoints;
    private TableEditor tableEditor;
    private volatile List<NetworkPolicy> policies = List.of();
    private final GcmEngines.Choice engines;
    private final Optional<SecurityAssociations> associations;
    private final Optional<String> clearOnly;
    private long epoch = Long.MIN_VALUE;
    private Map<EndpointId, WeftException> failures = Map.of();
    private volatile boolean closed;

    /** Starts the poller. */
    UserSpaceDataPath(DataPathKind kind, DataPathConfig config, Uplink uplink) {
        this.kind = kind;
        this.config = config;
        this.uplink = uplink;
        engines = GcmEngines.choose();
        clearOnly = uplink.clearOnly().or(engines::clearOnly);
        associations = engines.engine().map(engine -> new SecurityAssociations(engine, Math.max(1, config.pipeline().workers())));
        PacketWalk walk = new PacketWalk(config, uplink, ports, System::nanoTime);
        Wakeup wakeup = Wakeup.create();
        Pipeline pipeline = walk.pipeline(config.pipeline(), wakeup::signal);
        poller = new Poller(ports, pipeline, uplink.pool(), System::nanoTime, walk.housekeeping(), wakeup);
        thread = new PollerThread("weft-" + config.nodeId(), poller, new IdleStrategy(config.pipeline().busySpin()), uplink.entry());
        endpoints = new EndpointPorts(uplink.pool(), new TapInterfaces(config.namespace()), new EndpointPorts.Owner() {
            @Override
            public void add(int index, Port port) {
                thread.await(poller.addPort(index, port));
            }

            @Override
            public void remove(int index) {
                thread.await(poller.removePort(index));
            }

            @Override
            public Wakeup wakeup() {
                return wakeup;
            }
        }, Ports.FIRST_ENDPOINT, Ports.CAPACITY);
        try {
            begin();
        } catch (RuntimeException e) {
            close(); // else the uplink would stay open for ever: nobody else knows of it
            throw e;
        }
    }

    private void begin() {
        thread.await(poller.addPort(Ports.UPLINK, uplink.port()));
        uplink.kernel().ifPresent(kernel -> kernel.begin(new KernelSide.Packets() {
            @Override
            public void add(TapPort port) {
                thread.await(poller.addPort(Ports.KERNEL, port));
            }

            @Override
            public void remove() {
                thread.await(poller.removePort(Ports.KERNEL));
            }
        }));
    }

    private record NetworkPolicy(String network, PolicyTable table) {
    }

    @Override
    public DataPathKind kind() {
        return kind;
    }

    @Override
    public int underlayMtu() {
        return uplink.mtu();
    }

    @Override
    public List<String> properties() {
        List<String> properties = new ArrayList<>(uplink.properties());
        properties.add("pipeline=" + (config.pipeline().workers() == 0 ? "fused" : "workers(" + config.pipeline().workers() + ")"));
        properties.add("idle=" + (config.pipeline().busySpin() ? "busy-spin" : "spin-yield-sleep"));
        properties.add("esp=" + engines.engine().map(GcmEngine::description).orElse("none"));
        engines.refused().forEach(reason -> properties.add("esp-refused=" + reason));
        return properties;
    }

    /** Ports that go are closed first, then new ones are made; frames move by the new tables when all ports are there. */
    @Override
    public synchronized Map<EndpointId, WeftException> apply(DataPathState state) {
        if (closed) {
            throw new WeftException.NodeClosed("the data path is closed");
        }
        if (state.epoch() < epoch && !state.equals(DataPathState.EMPTY)) {
            return failures;
        }
        epoch = state.epoch();
        Map<EndpointId, WeftException> refused = refused(state);
        DataPathState possible = refused.isEmpty() ? state : without(state, refused.keySet());
        refused.putAll(endpoints.reconcile(possible));
        failures = Map.copyOf(refused);
        thread.await(poller.adopt(tables(possible)));
        endpoints.settle();
        associations.ifPresent(SecurityAssociations::forgetRemoved);
        return failures;
    }

    /** From those of the state before; from nothing when that did not end well. */
    private Tables tables(DataPathState state) {
        TableEditor editor = tableEditor == null ? new TableEditor() : tableEditor;
        tableEditor = null;
        List<InstalledPeer> peers = associations.map(each -> each.install(state.peers())).orElse(List.of());
        Tables tables = editor.apply(state, endpoints::port, endpoints.moved(), peers);
        tableEditor = editor;
        policies = state.networks().stream().filter(network -> !network.policies().isEmpty()).map(network -> new NetworkPolicy(network.name(),
                tables.policy(tables.network(network.vni())))).toList();
        return tables;
    }

    /** A network is encrypted, or its endpoints are not there. */
    private Map<EndpointId, WeftException> refused(DataPathState state) {
        Map<EndpointId, WeftException> refused = new HashMap<>();
        clearOnly.ifPresent(reason -> state.networks().stream().filter(network -> network.encryption().isPresent())
                .forEach(network -> network.locals().forEach(endpoint -> refused.put(endpoint.id(), new WeftException.DataPathUnavailable(
                        "network '" + network.name() + "' is encrypted, and this node's data path cannot encrypt: " + reason)))));
        return refused;
    }

    private static DataPathState without(DataPathState state, Set<EndpointId> endpoints) {
        return new DataPathState(state.epoch(), state.networks().stream().map(network -> new NetworkState(network.name(), network.vni(),
                network.mtu(), network.gatewayMac(), network.subnets(),
                Members.of(network.locals().stream().filter(endpoint -> !endpoints.contains(endpoint.id())).toList()), network.remotes(),
                network.services(), network.encryption(), network.policies())).toList(), state.peers());
    }

    @Override
    public UplinkCapture captureUplink() {
        return uplink.port().watch(uplink.mtu() + EthernetHeader.LENGTH).orElseGet(() -> UplinkNamespace.call(config.namespace(),
                () -> PacketCapture.open(SocketInterface.of(config.vtep()).name())));
    }

    @Override
    public Optional<String> clearOnly() {
        return clearOnly;
    }

    @Override
    public List<SaUsage> saUsage() {
        return associations.map(SecurityAssociations::usage).orElse(List.of());
    }

    @Override
    public FrameChannel frames(EndpointId endpoint) {
        return endpoints.frames(endpoint);
    }

    @Override
    public Optional<Gateway> gateway(int vni) {
        return endpoints.gatewayFrames(vni).map(Gateway.Frames::new);
    }

    @Override
    public CounterSnapshot counters() {
        List<Counter> counters = new ArrayList<>(ports.snapshot());
        counters.addAll(uplink.port().counters());
        counters.addAll(endpoints.counters());
        counters.add(new Counter(uplink.port().name(), "tx-errors", uplink.port().sendErrors()));
        counters.add(new Counter("poller", "failures", thread.failures()));
        policies.forEach(each -> each.table().hits().forEach((rule, hits) ->
                counters.add(new Counter(PolicyState.scope(each.network(), rule), "hits", hits))));
        return new CounterSnapshot(counters);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            uplink.kernel().ifPresent(KernelSide::close);
            thread.close();
            associations.ifPresent(each -> {
                each.install(List.of());
                each.forgetRemoved();
            });
            // Else somebody is still in a frame: its memory must outlive it, and stays.
            if (thread.isReclaimed()) {
                uplink.pool().close();
            }
            uplink.release().run();
        }
    }
}
