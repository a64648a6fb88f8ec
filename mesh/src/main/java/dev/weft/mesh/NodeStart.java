package dev.weft.mesh;

import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.GatewayBridgeProvider;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PortPublisherProvider;
import dev.weft.mesh.ensemble.EnsembleControl;
import dev.weft.mesh.health.Prober;
import dev.weft.mesh.keys.KeyDaemon;
import dev.weft.mesh.keys.KeyLimits;
import dev.weft.mesh.keys.KeyLog;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;
import dev.weft.mesh.path.PortPublishers;
import dev.weft.mesh.path.ResolvConfFiles;
import dev.weft.mesh.schedule.SystemScheduler;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Starts one node on a tie to its cluster. What has been started is stopped again when a later step fails. */
final class NodeStart {

    private final NodeSpec spec;
    private final ClusterLink link;
    private final List<DataPathProvider> providers;
    private final Optional<GatewayBridgeProvider> bridges;
    private final Optional<PortPublisherProvider> publishers;
    private final Deque<Runnable> undo = new ArrayDeque<>();

    private NodeStart(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers, Optional<GatewayBridgeProvider> bridges,
                      Optional<PortPublisherProvider> publishers) {
        this.spec = spec;
        this.link = link;
        this.providers = providers;
        this.bridges = bridges;
        this.publishers = publishers;
    }

    /** Without a gateway bridge and published ports. */
    static WeftNode start(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers) {
        return start(spec, link, providers, Optional.empty(), Optional.empty());
    }

    /** Without published ports. */
    static WeftNode start(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers, Optional<GatewayBridgeProvider> bridges) {
        return start(spec, link, providers, bridges, Optional.empty());
    }

    /** Takes the link over: it is closed with the node, or when the start fails. */
    static WeftNode start(NodeSpec spec, ClusterLink link, List<DataPathProvider> providers, Optional<GatewayBridgeProvider> bridges,
                          Optional<PortPublisherProvider> publishers) {
        NodeStart start = new NodeStart(spec, link, providers, bridges, publishers);
        try {
            return new WeftNode(start.parts());
        } catch (RuntimeException e) {
            start.undo.addLast(link::abandon);
            start.undo.forEach(step -> attempt(step, e));
            throw e;
        }
    }

    private static void attempt(Runnable step, RuntimeException why) {
        try {
            step.run();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** The data path opens before the cluster hears of the node, and carries its state before the caller does. */
    private NodeParts parts() {
        DataPathConfig config = new DataPathConfig(link.identity().id(), spec.vtep(), spec.dataPathPort(), spec.encryption().udpPort(),
                spec.uplink(), Optional.empty(), spec.pipeline());
        DataPathChoice choice = DataPathChoice.open(spec.dataPath(), config, providers);
        undo.push(choice.path()::close);
        NodeRecord record = new NodeRecord(link.identity().id(), spec.name(), link.identity().role(), spec.advertise(), spec.vtep(),
                choice.path().kind(), spec.ports(), false, spec.encryption().udp() || choice.path().kind() == DataPathKind.SOCKET);
        Optional<PortPublisher> publisher = publishers.map(each -> PortPublishers.open(each, config));
        Optional<KeyLog> keyLog = spec.encryption().keyLog().map(KeyLog::open);
        keyLog.ifPresent(each -> undo.push(each::close));
        SystemScheduler scheduler = new SystemScheduler();
        ControlPlane plane = ControlPlane.start(record, link.fresh(),
                new ControlPlane.Ground(link.store(), choice.path(), bridges.map(each -> each.open(spec.gatewayBridge(), config)),
                        Prober.installed(), scheduler,
                        new SecureRandom(), spec.resolvers(), KeyLimits.of(spec.encryption()), keyLog, publisher,
                        Optional.of(ResolvConfFiles.of(record.name(), record.id())), link.proof().publishing()), undo::push);
        link.proof().begin(plane);
        plane.endpoints().removeEnded();
        return new NodeParts(link, choice, plane, seat(plane, scheduler), keyDaemon(plane));
    }

    /** The node's keys come and go by it; without a certificate there are none. */
    private Optional<KeyDaemon> keyDaemon(ControlPlane plane) {
        InetSocketAddress listen = new InetSocketAddress(spec.advertise(), spec.ports().node());
        Optional<KeyDaemon> daemon = link.proof().credentials().map(credentials -> new KeyDaemon(link.identity().id(), plane.keys().ring(),
                credentials, listen, plane.keys()::addressOf, InstantSource.system()));
        daemon.ifPresent(each -> undo.push(each::close));
        return daemon;
    }

    /** A manager has its seat before the caller has the node. */
    private Optional<ManagerSeat> seat(ControlPlane plane, SystemScheduler scheduler) {
        if (link.ensemble().isEmpty() || link.host().isEmpty()) {
            return Optional.empty();
        }
        EnsembleControl control = link.ensemble().get();
        ManagerSeat seat = ManagerSeat.start(link, link.host().get(), control, plane, scheduler);
        undo.push(seat::close);
        if (seat.role() == NodeRole.MANAGER) {
            new Managers(plane.registries(), control).awaitSeat(plane.record());
        }
        return Optional.of(seat);
    }
}
