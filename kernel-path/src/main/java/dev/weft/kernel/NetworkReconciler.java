package dev.weft.kernel;

import dev.weft.api.Cidr;
import dev.weft.api.NetworkSpec;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.rtnl.BridgePort;
import dev.weft.ffm.rtnl.FdbEntry;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.Neighbor;
import dev.weft.ffm.rtnl.OutputRoute;
import dev.weft.ffm.rtnl.VxlanSettings;
import dev.weft.kernel.xfrm.SourcePorts;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes one network so in its namespace: bridge, tunnel, addresses, FDB, neighbours, the way out. Endpoints come between
 * {@link #prepare} and {@link #finish}, which only speaks of those that could be made.
 */
final class NetworkReconciler {

    /** The overlay MTU is kept at the endpoints and at the tunnel's own path MTU check, which answers; a bridge port drops in silence. */
    static final int PORT_MTU = NetworkSpec.MAX_MTU;
    private static final int BRIDGE_BIRTH_MTU = 65_535;
    /** The far side's neighbour questions are answered from the table at this port, and nothing is ever flooded out of it. */
    private static final BridgePort TUNNEL_PORT = new BridgePort(false, false, false, false, true, false);
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private final NetworkScope scope;
    private final NetworkState network;
    private final Uplink uplink;

    NetworkReconciler(NetworkScope scope, NetworkState network, Uplink uplink) {
        this.scope = scope;
        this.network = network;
        this.uplink = uplink;
    }

    /** The bridge and the tunnel. */
    void prepare() {
        Link bridge = bridge();
        Link vxlan = vxlan();
        if (vxlan.master().orElse(0) != bridge.index()) {
            scope.links.setMaster(vxlan, bridge);
        }
        if (!TUNNEL_PORT.equals(scope.require(KernelNames.VXLAN).port())) {
            scope.links.setPort(vxlan, TUNNEL_PORT);
        }
        up(vxlan);
        up(bridge);
        scope.links.find("lo").ifPresent(this::up);
    }

    private Link bridge() {
        if (scope.links.find(KernelNames.BRIDGE).isEmpty()) {
            // Made with another MTU than wanted: only one that was changed afterwards stays when ports with a larger one join.
            scope.links.createBridge(KernelNames.BRIDGE, network.gatewayMac(), BRIDGE_BIRTH_MTU, true);
        }
        Link bridge = scope.require(KernelNames.BRIDGE);
        if (bridge.mtu() != network.mtu()) {
            scope.links.setMtu(bridge, network.mtu());
        }
        if (!bridge.mac().equals(network.gatewayMac())) {
            scope.links.setMac(bridge, network.gatewayMac());
        }
        return bridge;
    }

    private Link vxlan() {
        SourcePorts from = SourcePorts.of(network.encryption());
        VxlanSettings wanted = new VxlanSettings(network.vni(), uplink.config().vtep(), uplink.config().port(), from.first(), from.last());
        Optional<Link> found = scope.links.find(KernelNames.VXLAN);
        if (found.isPresent() && !wanted.equals(found.get().vxlan())) {
            scope.links.delete(found.get()); // the node came back with another address or port, or the VNI is of another network now
            found = Optional.empty();
        }
        if (found.isEmpty()) {
            uplink.links().createVxlan(KernelNames.VXLAN, wanted, PORT_MTU, scope.namespace().fd());
        }
        return scope.require(KernelNames.VXLAN);
    }

    private void up(Link link) {
        if (!link.up()) {
            scope.links.up(link);
        }
    }

    /**
     * Addresses, FDB, neighbours and the way out.
     *
     * @param made the local endpoints that have their port
     * @return false while two endpoints have the same address or MAC, so that what is there cannot be told from the state
     */
    boolean finish(List<LocalEndpoint> made) {
        Link bridge = scope.require(KernelNames.BRIDGE);
        Link vxlan = scope.require(KernelNames.VXLAN);
        reconcileAddresses();
        List<Neighbor> neighbors = neighbors(bridge, made, network.remotes());
        List<FdbEntry> fdb = fdb(vxlan, made, network.remotes());
        Difference.reconcile(scope.neighbors.neighbors(), neighbors, scope.neighbors::remove, scope.neighbors::put);
        Difference.reconcile(scope.neighbors.fdb(), fdb, scope.neighbors::remove, scope.neighbors::put);
        reconcileWayOut(made);
        return neighbors.stream().map(Neighbor::address).distinct().count() == neighbors.size()
                && fdb.stream().map(entry -> Map.entry(entry.mac(), entry.vtep().isPresent())).distinct().count() == fdb.size();
    }

    /** The bridge's own. */
    void reconcileAddresses() {
        Link bridge = scope.require(KernelNames.BRIDGE);
        InterfaceAddresses.reconcile(scope.addresses, bridge.index(), ownAddresses(bridge));
    }

    /**
     * FDB and neighbours, without asking what is there.
     *
     * @param gone local endpoints whose port has been removed, and with it what the FDB had
     * @param made local endpoints that have got their port
     * @throws NetlinkException if something is not there, or is there already
     */
    void exchange(List<LocalEndpoint> gone, List<LocalEndpoint> made, Members.Difference<RemoteEndpoint> remotes) {
        Link bridge = scope.require(KernelNames.BRIDGE);
        Link vxlan = scope.require(KernelNames.VXLAN);
        Difference.reconcile(neighbors(bridge, gone, remotes.gone()), neighbors(bridge, made, remotes.come()),
                scope.neighbors::remove, scope.neighbors::add);
        Difference.reconcile(fdb(vxlan, List.of(), remotes.gone()), fdb(vxlan, made, remotes.come()),
                scope.neighbors::remove, scope.neighbors::add);
    }

    /**
     * By the endpoint that routes to the outside: what the bridge refuses in the name of a VIP (a RST, an ICMP error) gets to a client out there.
     * What endpoints send there still has no route.
     *
     * @param made all local endpoints that have their port
     */
    void reconcileWayOut(List<LocalEndpoint> made) {
        Link bridge = scope.require(KernelNames.BRIDGE);
        List<OutputRoute> wanted = made.stream().filter(LocalEndpoint::routes).flatMap(router -> router.addresses().stream())
                .map(address -> new OutputRoute(bridge.index(), address)).toList();
        Difference.reconcile(scope.outputRoutes.list(), wanted, scope.outputRoutes::remove, scope.outputRoutes::put);
    }

    /** Gateways with their subnet, VIPs alone: the bridge answers ARP, ND and echo for them, and refuses what nobody serves. */
    private List<InterfaceAddress> ownAddresses(Link bridge) {
        Stream<InterfaceAddress> gateways = network.subnets().stream().map(subnet -> gateway(bridge, subnet));
        Stream<InterfaceAddress> vips = network.services().stream().map(ServiceState::vip)
                .map(vip -> new InterfaceAddress(bridge.index(), vip, vip instanceof Inet4Address ? IPV4_BITS : IPV6_BITS));
        return Stream.concat(gateways, vips).toList();
    }

    private static InterfaceAddress gateway(Link bridge, SubnetState subnet) {
        Cidr cidr = subnet.cidr();
        return new InterfaceAddress(bridge.index(), subnet.gateway(), cidr.prefixLength());
    }

    private static List<Neighbor> neighbors(Link bridge, Collection<LocalEndpoint> locals, Collection<RemoteEndpoint> remotes) {
        List<Neighbor> all = new ArrayList<>();
        for (LocalEndpoint local : locals) {
            local.addresses().forEach(address -> all.add(new Neighbor(bridge.index(), address, local.mac())));
        }
        for (RemoteEndpoint remote : remotes) {
            remote.addresses().forEach(address -> all.add(new Neighbor(bridge.index(), address, remote.mac())));
        }
        return all;
    }

    private List<FdbEntry> fdb(Link vxlan, Collection<LocalEndpoint> made, Collection<RemoteEndpoint> remotes) {
        List<FdbEntry> all = new ArrayList<>();
        for (LocalEndpoint local : made) {
            all.add(new FdbEntry(scope.require(KernelNames.port(local.id())).index(), local.mac(), Optional.empty()));
        }
        for (RemoteEndpoint remote : remotes) {
            InetAddress vtep = remote.vtep();
            all.add(new FdbEntry(vxlan.index(), remote.mac(), Optional.empty()));
            all.add(new FdbEntry(vxlan.index(), remote.mac(), Optional.of(vtep)));
        }
        return all;
    }
}
