package dev.weft.kernel.gwbridge;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge;
import dev.weft.ffm.libc.Capability;
import dev.weft.ffm.libc.Sysctl;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.rtnl.Link;
import dev.weft.kernel.Audit;
import dev.weft.kernel.nft.GatewayBridgeRules;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway bridge as the kernel has it. The first application, one that wants the same again, what follows a failure, and an audit a minute
 * after a change ask the kernel what is there, all of it: so a killed process, somebody else's hand and a first start are the same case. Other
 * applications trust that the namespaces which they have given a way out still have it.
 *
 * <pre>
 *   node's namespace                                     endpoint's namespace
 *     uplink -- ip_forward, masquerade -- weft_gwbridge -- port ==veth== weftgw, default route
 * </pre>
 */
public final class KernelGatewayBridge implements GatewayBridge {

    private static final Logger LOG = LoggerFactory.getLogger(KernelGatewayBridge.class);

    /** One namespace that shall get out, with those of its endpoints that want it. */
    private record Leg(long namespace, EndpointSide side, String port, List<Wanted> endpoints) {
    }

    private record Ground(GatewaySubnet subnet, Link bridge) {

        /** Whether it is the same bridge with the same subnet, whatever it has counted. */
        boolean isSame(Ground other) {
            return other != null && subnet.equals(other.subnet) && bridge.index() == other.bridge.index();
        }
    }

    private final GatewayBridgeSpec spec;
    private final DataPathConfig config;
    private final String table;
    private final LegNames names;
    private final Audit audit;
    private List<Wanted> wanted = List.of();
    /** By namespace: the addresses of those that have a way out, as far as that need not be looked at. */
    private Map<Long, InetAddress> known = Map.of();
    /** Of the last application. */
    private Set<EndpointId> failed = Set.of();
    /** At which bridge they have it. */
    private Ground knownGround;
    /** Whether something of this node may be there: of an earlier process, too. */
    private boolean dirty = true;
    private boolean closed;

    /** @param table name of the nf_tables tables, this node's alone */
    public KernelGatewayBridge(GatewayBridgeSpec spec, DataPathConfig config, String table) {
        this.spec = spec;
        this.config = config;
        this.table = table;
        this.names = new LegNames(config.nodeId());
        this.audit = new Audit(config.nodeId() + "-gwbridge", this::audit);
    }

    @Override
    public synchronized Map<EndpointId, WeftException> apply(Collection<Wanted> endpoints) {
        List<Wanted> before = wanted;
        wanted = List.copyOf(endpoints);
        if (before.equals(wanted)) {
            known = Map.of();
        }
        Map<EndpointId, WeftException> failures = closed ? Map.of() : make();
        if (!failures.isEmpty() && !known.isEmpty()) {
            known = Map.of();
            failures = make();
        }
        failed = Set.copyOf(failures.keySet());
        audit.wanted(!wanted.isEmpty());
        return failures;
    }

    /** @throws WeftException if an endpoint has lost its way out and still has its namespace */
    synchronized void audit() {
        if (!closed) {
            known = Map.of();
            Audit.lost(make().entrySet().stream(), failed).ifPresent(lost -> {
                throw lost.getValue();
            });
        }
    }

    private Map<EndpointId, WeftException> make() {
        if (wanted.isEmpty() && (!dirty || !Capability.NET_ADMIN.isEffective())) {
            return Map.of();
        }
        Map<EndpointId, WeftException> failures = new HashMap<>();
        Map<Long, Leg> legs = new LinkedHashMap<>();
        try (NodeSide node = NodeSide.open(spec, config, names)) {
            dirty = true;
            long own = node.namespace().id();
            wanted.forEach(each -> failing(List.of(each), failures, () -> gather(each, own, legs)));
            legs.values().removeIf(leg -> !needsBridge(leg, node, failures));
            node.ownPorts().stream().filter(port -> !legs.containsKey(names.namespace(port.name()).orElseThrow())).forEach(node.links()::delete);
            if (legs.isEmpty()) {
                known = Map.of();
                GatewayBridgeRules.remove(node.namespace(), table);
                node.removeUnusedBridge();
                dirty = false;
            } else {
                List<Wanted> concerned = legs.values().stream().flatMap(leg -> leg.endpoints().stream()).toList();
                failing(concerned, failures, () -> carry(legs.values(), node, failures));
            }
        } catch (WeftException | NetlinkException e) {
            wanted.forEach(each -> failures.putIfAbsent(each.endpoint().id(), failure(e)));
            if (wanted.isEmpty() && knownGround != null) { // there is no endpoint to say it of
                LOG.warn("what this node has at the gateway bridge {} could not be taken away: {}", spec.name(), e.getMessage());
            }
        } catch (LinkageError | IllegalCallerException e) {
            WeftException unavailable = new WeftException.DataPathUnavailable("the gateway bridge is the kernel's; that takes Linux and native access"
                    + " (--enable-native-access=dev.weft.ffm, or ALL-UNNAMED on the class path); or make the network an internal one", e);
            wanted.forEach(each -> failures.putIfAbsent(each.endpoint().id(), unavailable));
        } finally {
            legs.values().forEach(leg -> leg.side().close());
        }
        return failures;
    }

    private void gather(Wanted each, long own, Map<Long, Leg> legs) {
        String namespace = ((Attachment.NetworkNamespace) each.endpoint().attachment()).namespace();
        EndpointSide side = EndpointSide.open(namespace);
        long id = side.namespace().id();
        Leg leg = id == own ? null : legs.get(id);
        if (id == own || leg != null) {
            side.close(); // the node's own namespace is outside already
        }
        if (leg != null) {
            leg.endpoints().add(each);
        } else if (id != own) {
            legs.put(id, new Leg(id, side, names.port(id), new ArrayList<>(List.of(each))));
        }
    }

    /** Not if it has a way out that is not ours. What cannot even be looked at has failed. */
    private boolean needsBridge(Leg leg, NodeSide node, Map<EndpointId, WeftException> failures) {
        if (known.containsKey(leg.namespace())) {
            return true;
        }
        boolean[] needs = new boolean[1];
        failing(leg.endpoints(), failures, () -> {
            leg.side().enter();
            boolean ours = leg.side().inner(node.links().find(leg.port())).isPresent();
            needs[0] = ours || !leg.side().hasWayOut();
        });
        if (!needs[0]) {
            leg.side().close();
        }
        return needs[0];
    }

    /** Rules come before interfaces, so that nobody is ever connected without them. */
    private void carry(Collection<Leg> legs, NodeSide node, Map<EndpointId, WeftException> failures) {
        List<Cidr> networks = wanted.stream().flatMap(each -> each.subnets().stream()).distinct().toList();
        GatewaySubnet subnet = node.ensureBridge(networks);
        Ground ground = new Ground(subnet, node.bridge().orElseThrow());
        if (!known.isEmpty() && !ground.isSame(knownGround)) {
            throw new WeftException.DataPathFailed("the gateway bridge " + spec.name() + " is another one than before");
        }
        refuseOverlaps(legs, subnet, failures);
        Map<Leg, InetAddress> addresses = addresses(legs, node, ground, failures);
        GatewayBridgeRules.reconcile(node.namespace(), table, spec, addresses.entrySet().stream()
                .map(each -> new GatewayBridgeRules.Endpoint(each.getKey().port(), each.getValue())).toList());
        node.namespace().call(() -> {
            Sysctl.set("ipv4/ip_forward", "1");
            return null;
        });
        addresses.forEach((leg, address) -> {
            if (!known.containsKey(leg.namespace())) {
                failing(leg.endpoints(), failures, () -> carry(leg, address, node, ground));
            }
        });
        if (failures.isEmpty()) {
            known = addresses.entrySet().stream().collect(Collectors.toMap(each -> each.getKey().namespace(), Map.Entry::getValue));
            knownGround = ground;
        }
    }

    private void carry(Leg leg, InetAddress address, NodeSide node, Ground ground) {
        try {
            if (node.links().find(leg.port()).isEmpty()) {
                node.links().createVeth(leg.port(), LegNames.outer(address), LegNames.INNER, LegNames.inner(address), ground.bridge().mtu(),
                        leg.side().namespace().fd());
            }
            node.join(leg.port(), ground.bridge());
            leg.side().configure(address, ground.subnet());
        } catch (RuntimeException e) {
            node.links().find(leg.port()).ifPresent(node.links()::delete);
            throw e;
        }
    }

    /** An address on both sides would be reached on one of them alone. */
    private void refuseOverlaps(Collection<Leg> legs, GatewaySubnet subnet, Map<EndpointId, WeftException> failures) {
        legs.stream().flatMap(leg -> leg.endpoints().stream()).forEach(each -> each.subnets().stream()
                .filter(subnet.cidr()::overlaps).findFirst().ifPresent(cidr -> failures.put(each.endpoint().id(), new WeftException.InvalidSpec(
                        "subnet " + cidr + " of network '" + each.network() + "' overlaps " + subnet.cidr() + " of this node's gateway bridge "
                                + spec.name() + "; give the bridge another one (--gwbridge-subnet), or make the network an internal one"))));
    }

    /** Interfaces that are whole keep their address; the rest is removed, and gets a free one. */
    private Map<Leg, InetAddress> addresses(Collection<Leg> legs, NodeSide node, Ground ground,
                                            Map<EndpointId, WeftException> failures) {
        Map<Leg, InetAddress> addresses = new LinkedHashMap<>();
        for (Leg leg : legs) {
            if (known.containsKey(leg.namespace())) {
                addresses.put(leg, known.get(leg.namespace()));
                continue;
            }
            node.links().find(leg.port()).ifPresent(port -> LegNames.address(port.mac())
                    .filter(address -> leg.side().inner(Optional.of(port))
                            .filter(inner -> leg.side().isWhole(inner, address, ground.subnet())).isPresent())
                    .ifPresentOrElse(address -> addresses.put(leg, address), () -> node.links().delete(port)));
        }
        Set<InetAddress> taken = new HashSet<>(node.takenAddresses(ground.bridge()));
        taken.addAll(addresses.values()); // their ports may have lost the bridge
        for (Leg leg : legs) {
            if (addresses.containsKey(leg) || leg.endpoints().stream().allMatch(each -> failures.containsKey(each.endpoint().id()))) {
                continue;
            }
            failing(leg.endpoints(), failures, () -> addresses.put(leg, freeAddress(ground, taken)));
            taken.addAll(addresses.values());
        }
        return addresses;
    }

    private InetAddress freeAddress(Ground ground, Set<InetAddress> taken) {
        return ground.subnet().freeAddress(taken, !NodeSide.isMadeByWeft(ground.bridge())).orElseThrow(() -> new WeftException.PoolExhausted(
                "no address of " + ground.subnet().cidr() + ", the subnet of the gateway bridge " + spec.name()
                        + ", is free; give it a larger one (--gwbridge-subnet)"));
    }

    private static void failing(List<Wanted> endpoints, Map<EndpointId, WeftException> failures, Runnable work) {
        try {
            work.run();
        } catch (WeftException | NetlinkException e) {
            endpoints.forEach(each -> failures.putIfAbsent(each.endpoint().id(), failure(e)));
        }
    }

    private static WeftException failure(RuntimeException e) {
        return e instanceof WeftException known ? known : new WeftException.DataPathFailed("gateway bridge: " + e.getMessage(), e);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            audit.close();
            wanted = List.of();
            make();
            closed = true;
        }
    }
}
