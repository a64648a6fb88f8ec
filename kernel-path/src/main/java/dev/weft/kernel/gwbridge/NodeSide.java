package dev.weft.kernel.gwbridge;

import dev.weft.api.Cidr;
import dev.weft.api.GatewayBridgeSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.BridgePort;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Ipv4Routes;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The node's own namespace: the bridge and its ports. Open for as long as one application takes. */
final class NodeSide implements AutoCloseable {

    private static final int BRIDGE_MTU = 1500;

    private final GatewayBridgeSpec spec;
    private final LegNames names;
    private final NetworkNamespace namespace;
    private final NetlinkSocket socket;
    private final LinkTable links;
    private final AddressTable addresses;

    private NodeSide(GatewayBridgeSpec spec, LegNames names, NetworkNamespace namespace) {
        this.spec = spec;
        this.names = names;
        this.namespace = namespace;
        this.socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
        this.links = new LinkTable(socket);
        this.addresses = new AddressTable(socket);
    }

    static NodeSide open(GatewayBridgeSpec spec, DataPathConfig config, LegNames names) {
        NetworkNamespace namespace = config.namespace().map(NetworkNamespace::open).orElseGet(NetworkNamespace::current);
        try {
            return new NodeSide(spec, names, namespace);
        } catch (RuntimeException e) {
            namespace.close();
            throw e;
        }
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    LinkTable links() {
        return links;
    }

    Optional<Link> bridge() {
        return links.find(spec.name());
    }

    /** Whether a bridge was made by Weft, by this node or by another one in its namespace. */
    static boolean isMadeByWeft(Link bridge) {
        return bridge.mac().equals(LegNames.BRIDGE_MAC);
    }

    /**
     * Makes the bridge if there is none; one that Weft made gets its address and is brought up.
     *
     * @param networks subnets that the bridge's must not overlap, if it is to be chosen
     * @throws WeftException.InvalidSpec if an interface of that name is no bridge, or has no IPv4 subnet, or another one than asked for
     */
    GatewaySubnet ensureBridge(Collection<Cidr> networks) {
        dropIfOfAnotherSubnet();
        if (bridge().isEmpty()) {
            links.createBridge(spec.name(), LegNames.BRIDGE_MAC, BRIDGE_MTU, false);
        }
        Link bridge = bridge().orElseThrow(() -> new WeftException.DataPathFailed("the gateway bridge " + spec.name()
                + " was removed as it was made"));
        if (!bridge.kind().equals("bridge")) {
            throw new WeftException.InvalidSpec("interface " + spec.name() + " of this host is no bridge; give the gateway bridge another name");
        }
        GatewaySubnet subnet = subnetOf(bridge).orElseGet(() -> address(bridge, networks));
        if (isMadeByWeft(bridge)) {
            spec.subnet().filter(asked -> !asked.equals(subnet.cidr())).ifPresent(asked -> {
                throw new WeftException.InvalidSpec("the gateway bridge " + spec.name() + " has the subnet " + subnet.cidr() + " for another node of"
                        + " this host, and not " + asked + "; give this node's bridge another name");
            });
            if (!bridge.up()) {
                links.up(bridge);
            }
        }
        return subnet;
    }

    /** The bridge of this node alone, from before it was given another subnet. */
    private void dropIfOfAnotherSubnet() {
        bridge().filter(bridge -> isMadeByWeft(bridge) && spec.subnet().isPresent() && ports(bridge).allMatch(this::isOwn))
                .filter(bridge -> subnetOf(bridge).filter(found -> !found.cidr().equals(spec.subnet().get())).isPresent()).ifPresent(bridge -> {
                    ports(bridge).forEach(links::delete);
                    links.delete(bridge);
                });
    }

    private boolean isOwn(Link link) {
        return names.namespace(link.name()).isPresent();
    }

    /** Those of this node, wherever they are a port. */
    List<Link> ownPorts() {
        return links.list().stream().filter(this::isOwn).toList();
    }

    /** As the kernel has it. */
    Optional<GatewaySubnet> subnetOf(Link bridge) {
        return addresses.list().stream().filter(each -> each.link() == bridge.index() && each.address() instanceof Inet4Address).findFirst()
                .map(each -> new GatewaySubnet(cidr(each), each.address()));
    }

    private static Cidr cidr(InterfaceAddress address) {
        long mask = address.prefix() == 0 ? 0 : -1L << Integer.SIZE - address.prefix();
        return new Cidr(LegNames.address(LegNames.bits(address.address()) & mask), address.prefix());
    }

    private GatewaySubnet address(Link bridge, Collection<Cidr> networks) {
        if (!isMadeByWeft(bridge)) {
            throw new WeftException.InvalidSpec("the bridge " + spec.name() + " was here before and has no IPv4 address; give it one, or give the"
                    + " gateway bridge another name");
        }
        GatewaySubnet subnet = GatewaySubnet.of(spec.subnet().orElseGet(() -> freeSubnet(networks)));
        addresses.add(new InterfaceAddress(bridge.index(), subnet.gateway(), subnet.cidr().prefixLength()));
        return subnet;
    }

    private Cidr freeSubnet(Collection<Cidr> networks) {
        List<Cidr> taken = Stream.of(new Ipv4Routes(socket).destinations(), networks).flatMap(Collection::stream).toList();
        return GatewaySubnet.firstFree(taken).orElseThrow(() -> new WeftException.PoolExhausted("every subnet that the gateway bridge could have"
                + " overlaps a route of this host or a network: name one (--gwbridge-subnet)"));
    }

    /** Addresses of endpoints at the bridge, of all nodes of this namespace. */
    Set<InetAddress> takenAddresses(Link bridge) {
        return ports(bridge).map(Link::mac).flatMap(mac -> LegNames.address(mac).stream()).collect(Collectors.toSet());
    }

    private Stream<Link> ports(Link bridge) {
        return links.list().stream().filter(link -> link.master().orElse(0) == bridge.index());
    }

    /** Makes a link a port of the bridge, as far as it is not one yet. */
    void join(String port, Link bridge) {
        Link link = links.find(port).orElseThrow(() -> new WeftException.DataPathFailed("interface " + port + " was removed as it was made"));
        if (link.master().orElse(0) != bridge.index()) {
            links.setMaster(link, bridge);
        }
        BridgePort wanted = new BridgePort(true, true, true, true, false, false, !spec.icc());
        if (!wanted.equals(links.find(port).map(Link::port).orElse(null))) {
            links.setPort(link, wanted);
        }
        if (!link.up()) {
            links.up(link);
        }
    }

    /** What no node has endpoints at any more, if Weft made it. */
    void removeUnusedBridge() {
        bridge().filter(bridge -> isMadeByWeft(bridge) && ports(bridge).findAny().isEmpty()).ifPresent(links::delete);
    }

    @Override
    public void close() {
        socket.close();
        namespace.close();
    }
}
