package dev.weft.kernel.gwbridge;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Ipv4Routes;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The namespace of endpoints: the interface at the gateway bridge and the default route over it. */
final class EndpointSide implements AutoCloseable {

    private final NetworkNamespace namespace;
    /** Null before {@link #enter}. */
    private NetlinkSocket socket;
    private LinkTable links;
    private AddressTable addresses;
    private Ipv4Routes routes;

    private EndpointSide(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /** @throws WeftException.NotFound if there is no such namespace */
    static EndpointSide open(String nameOrPath) {
        return new EndpointSide(NetworkNamespace.open(nameOrPath));
    }

    /** To be called before anything is asked of what is inside. */
    void enter() {
        socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
        links = new LinkTable(socket);
        addresses = new AddressTable(socket);
        routes = new Ipv4Routes(socket);
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    /** The other end of that port; empty when it is not here. */
    Optional<Link> inner(Optional<Link> port) {
        return links.find(LegNames.INNER).filter(inner -> port.isPresent() && port.get().kind().equals("veth")
                && port.get().peer().orElse(0) == inner.index() && inner.peer().orElse(0) == port.get().index());
    }

    /** Whether the interface has what it was made with: its MAC, its address in that subnet, no route by another gateway. */
    boolean isWhole(Link inner, InetAddress address, GatewaySubnet subnet) {
        List<InterfaceAddress> present = addresses.list().stream().filter(each -> each.link() == inner.index()).toList();
        return inner.mac().equals(LegNames.inner(address)) && present.contains(addressOf(inner, address, subnet))
                && routes.defaults().stream().filter(route -> route.link() == inner.index())
                        .allMatch(route -> route.gateway().equals(Optional.of(subnet.gateway())));
    }

    /** Whether somebody has said where the rest of the world is, or another node has given the namespace a way out. */
    boolean hasWayOut() {
        return !routes.defaults().isEmpty() || links.find(LegNames.INNER).isPresent();
    }

    /** Gives the interface of a new veth what it needs. */
    void configure(InetAddress address, GatewaySubnet subnet) {
        Link inner = links.find(LegNames.INNER).orElseThrow(() -> new WeftException.DataPathFailed("interface " + LegNames.INNER + " in "
                + namespace.name() + " was removed as it was made"));
        InterfaceAddress wanted = addressOf(inner, address, subnet);
        if (!addresses.list().contains(wanted)) {
            addresses.add(wanted);
        }
        if (!inner.up()) {
            links.up(inner);
        }
        if (routes.defaults().isEmpty()) {
            routes.addDefault(inner.index(), subnet.gateway());
        }
    }

    private static InterfaceAddress addressOf(Link inner, InetAddress address, GatewaySubnet subnet) {
        return new InterfaceAddress(inner.index(), address, subnet.cidr().prefixLength());
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
        namespace.close();
    }
}
