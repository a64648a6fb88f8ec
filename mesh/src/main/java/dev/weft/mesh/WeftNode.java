package dev.weft.mesh;

import dev.weft.api.CertificateInfo;
import dev.weft.api.DataPathReport;
import dev.weft.api.LeakReport;
import dev.weft.api.ManagersInfo;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeInfo;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.SaInfo;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.wire.UnderlayOverhead;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.cluster.NetworkRegistry;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.dns.NodeNames;
import dev.weft.mesh.keys.KeyDaemon;
import dev.weft.mesh.leak.LeakTest;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that runs. Its parts are made by {@link NodeStart} and taken apart here, in the opposite order. */
final class WeftNode implements OverlayNode {

    private static final Logger LOG = LoggerFactory.getLogger(WeftNode.class);
    /** What the ingress network of a new cluster is called. */
    private static final String INGRESS = "ingress";

    private final NodeParts parts;
    /** Guards the end: {@link #close} and {@link #leave} happen once. */
    private final Object ending = new Object();
    private volatile boolean closed;

    WeftNode(NodeParts parts) {
        this.parts = parts;
    }

    /** @throws WeftException.NodeClosed if it has been closed or has left */
    LocalEndpoints local() {
        if (closed) {
            throw new WeftException.NodeClosed("node '" + parts.record().name() + "' is closed; start it again");
        }
        parts.link().proof().requireMember();
        return parts.endpoints();
    }

    NodeNames names() {
        local();
        return parts.names().names();
    }

    Registries registries() {
        local();
        return parts.registries();
    }

    @Override
    public NodeInfo info() {
        NodeRole role = parts.seat().map(ManagerSeat::role).orElse(parts.record().role());
        return parts.record().withRole(role).info(!closed && parts.keeper().isConnected());
    }

    @Override
    public List<NodeInfo> nodes() {
        Set<String> live = registries().membership().live();
        return registries().membership().nodes().stream().map(node -> node.info(live.contains(node.id())))
                .sorted(Comparator.comparing(NodeInfo::name)).toList();
    }

    @Override
    public DataPathReport dataPath() {
        local();
        return parts.choice().report(parts.record().vtep().getHostAddress());
    }

    @Override
    public String token(NodeRole role) {
        return proof().token(role);
    }

    @Override
    public String rotateToken(NodeRole role) {
        return proof().rotateToken(role);
    }

    @Override
    public void rotateAuthority() {
        proof().rotateAuthority();
    }

    @Override
    public CertificateInfo certificate(String nodeName) {
        NodeRecord node = registries().membership().nodes().stream().filter(each -> each.name().equals(nodeName)).findFirst()
                .orElseThrow(() -> new WeftException.NotFound("the cluster has no node '" + nodeName + "'; see its nodes"));
        return proof().certificate(node.id());
    }

    private NodeIdentity proof() {
        local();
        return parts.link().proof();
    }

    /** What the store would refuse anyway, before anything is done. */
    void requireManager(String what) {
        local();
        if (info().role() != NodeRole.MANAGER) {
            throw CertifiedIdentity.managerRequired(parts.record().name(), what);
        }
    }

    @Override
    public ManagersInfo managers() {
        local();
        return parts.managers().info();
    }

    @Override
    public ManagersInfo promote(String nodeName) {
        requireManager("promote nodes");
        return parts.managers().promote(nodeName);
    }

    @Override
    public ManagersInfo demote(String nodeName) {
        requireManager("demote nodes");
        return parts.managers().demote(nodeName);
    }

    @Override
    public void backup(Path file) {
        ClusterRecovery.backup(parts.link(), registries().servers(), file);
    }

    @Override
    public void drain(String nodeName) {
        setDrained(nodeName, true);
    }

    @Override
    public void activate(String nodeName) {
        setDrained(nodeName, false);
    }

    private void setDrained(String nodeName, boolean drained) {
        requireManager("drain and activate nodes");
        Membership membership = registries().membership();
        membership.change(membership.named(nodeName).id(), node -> node.withDrained(drained));
    }

    @Override
    public void remove(String nodeName, boolean force) {
        requireManager("remove nodes");
        Membership membership = registries().membership();
        NodeRecord node = membership.named(nodeName);
        if (node.id().equals(parts.record().id())) {
            throw new WeftException.InUse("node '" + nodeName + "' is this one; let it leave instead (weft node leave)");
        }
        if (!force && membership.live().contains(node.id())) {
            throw new WeftException.InUse("node '" + nodeName + "' is live; let it leave, stop it, or remove it by force");
        }
        if (node.role() == NodeRole.MANAGER) {
            parts.managers().unseat(node);
        }
        membership.forget(node.id(), nodeName);
    }

    @Override
    public OverlayNetwork createNetwork(NetworkSpec spec) {
        requireManager("make networks");
        int underlay = parts.choice().path().underlayMtu();
        // a node that has a socket only may join later: there is room for its UDP header
        int defaultMtu = spec.encryption().isEmpty() ? UnderlayOverhead.mtuInClear(underlay, parts.record().vtep())
                : UnderlayOverhead.mtuEncrypted(underlay, parts.record().vtep(), true);
        List<InetAddress> nodeAddresses = registries().membership().nodes().stream()
                .flatMap(node -> Stream.of(node.advertise(), node.vtep())).toList();
        return new WeftNetwork(this, registries().networks().create(spec, defaultMtu, nodeAddresses));
    }

    /** Of a new cluster. Who has no use for it removes it; so it is no reason for a node not to start. */
    void makeIngress() {
        try {
            createNetwork(NetworkSpec.named(INGRESS).vni(NetworkRegistry.INGRESS_VNI).ingress(true).build());
        } catch (WeftException e) {
            LOG.warn("the cluster begins without an ingress network, and no port can be published before one is made: {}", e.getMessage());
        }
    }

    @Override
    public List<OverlayNetwork> networks() {
        return registries().networks().all().stream().<OverlayNetwork>map(network -> new WeftNetwork(this, network)).toList();
    }

    @Override
    public OverlayNetwork network(String name) {
        return registries().networks().find(name).map(network -> new WeftNetwork(this, network))
                .orElseThrow(() -> NetworkRegistry.notFound(name));
    }

    @Override
    public List<SaInfo> keys() {
        local();
        return parts.plane().keys().list();
    }

    LeakReport verify(OverlayNetwork network) {
        local();
        if (network.info().encryption().isEmpty()) {
            throw new WeftException.InvalidSpec("network '" + network.info().name() + "' is not encrypted; all of it is in clear");
        }
        return new LeakTest(network, parts.choice().path(), this::keys).run(parts.record().name());
    }

    Optional<KeyDaemon> keyDaemon() {
        local();
        return parts.keyDaemon();
    }

    @Override
    public CounterSnapshot counters() {
        local();
        return new CounterSnapshot(Stream.of(parts.choice().path().counters().counters(), parts.names().counters(), proof().refusals())
                .flatMap(List::stream).toList());
    }

    @Override
    public void leave() {
        synchronized (ending) {
            NodeRecord self = parts.record();
            List<NodeRecord> others = registries().membership().nodes().stream().filter(node -> !node.id().equals(self.id())).toList();
            if (info().role() == NodeRole.MANAGER) {
                requireOtherManager(self, others);
                if (!others.isEmpty()) {
                    parts.seat().ifPresent(seat -> parts.managers().unseat(self));
                }
            } else {
                parts.endpoints().detachPublishing();
            }
            parts.keeper().depart(() -> registries().membership().forget(self.id(), self.name()));
            closed = true;
            Ending.inTurn(parts.keeper()::close, () -> parts.stop(parts.link()::erase));
        }
    }

    private static void requireOtherManager(NodeRecord self, List<NodeRecord> others) {
        if (!others.isEmpty() && others.stream().noneMatch(node -> node.role() == NodeRole.MANAGER)) {
            throw new WeftException.InUse("node '" + self.name() + "' is the only one that holds the cluster's state, and "
                    + others.stream().map(NodeRecord::name).sorted().toList() + " are still members; let them leave first");
        }
    }

    @Override
    public void close() {
        synchronized (ending) {
            if (closed) {
                return;
            }
            closed = true;
            Ending.inTurn(parts.keeper()::close, parts.plane()::withdraw, () -> parts.stop(parts.link()::close));
        }
    }
}
