package dev.weft.kernel;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.BridgePort;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import dev.weft.ffm.rtnl.OnLinkRoute;
import dev.weft.ffm.rtnl.OnLinkRoutes;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Makes one endpoint in a namespace or on the host so: a veth pair, one end a port of the network's bridge. */
final class EndpointReconciler {

    /**
     * Broadcast and multicast reach the endpoints of this node, so that a member behind a foreign VTEP may ask by ARP; none leave
     * the node. Locked: frames from any MAC but the endpoint's own are dropped.
     */
    static final BridgePort ENDPOINT_PORT = new BridgePort(false, false, true, true, false, true);

    private final NetworkScope scope;
    private final NetworkState network;
    private final Uplink uplink;

    EndpointReconciler(NetworkScope scope, NetworkState network, Uplink uplink) {
        this.scope = scope;
        this.network = network;
        this.uplink = uplink;
    }

    /**
     * @return requests for a change that were made inside the endpoint's namespace
     * @throws WeftException if it cannot be made; then nothing of it is there
     */
    long reconcile(LocalEndpoint endpoint) {
        String port = KernelNames.port(endpoint.id());
        try (NetworkNamespace target = namespaceOf(endpoint.attachment());
                NetlinkSocket socket = target.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE))) {
            String inner = interfaceOf(endpoint.attachment());
            try {
                LinkTable links = new LinkTable(socket);
                dropUnlessWhole(port, links.find(inner), endpoint);
                if (scope.links.find(port).isEmpty()) {
                    create(port, inner, endpoint, links, target);
                }
                join(scope, scope.require(port));
                configure(links, new AddressTable(socket), links.find(inner).orElseThrow(), endpoint);
                route(new OnLinkRoutes(socket), links.find(inner).orElseThrow(), endpoint);
                return socket.changes();
            } catch (NetlinkException e) {
                throw new WeftException.DataPathFailed("endpoint '" + endpoint.id() + "': " + e.getMessage(), e);
            }
        } catch (RuntimeException e) {
            scope.links.find(port).ifPresent(scope.links::delete);
            throw e;
        }
    }

    private NetworkNamespace namespaceOf(Attachment attachment) {
        return switch (attachment) {
            case Attachment.NetworkNamespace named -> NetworkNamespace.open(named.namespace());
            default -> uplink.config().namespace().map(NetworkNamespace::open).orElseGet(NetworkNamespace::current);
        };
    }

    private static String interfaceOf(Attachment attachment) {
        return switch (attachment) {
            case Attachment.NetworkNamespace named -> named.interfaceName();
            case Attachment.HostInterface host -> host.interfaceName();
            default -> throw new IllegalArgumentException("no interface belongs to " + attachment);
        };
    }

    /** A port whose other end is not the endpoint's interface is of an earlier container of that name, or half made. */
    private void dropUnlessWhole(String port, Optional<Link> inner, LocalEndpoint endpoint) {
        Optional<Link> found = scope.links.find(port);
        boolean whole = found.isPresent() && inner.isPresent() && found.get().kind().equals("veth")
                && found.get().peer().orElse(0) == inner.get().index() && inner.get().peer().orElse(0) == found.get().index()
                && inner.get().mac().equals(endpoint.mac());
        if (found.isPresent() && !whole) {
            scope.links.delete(found.get());
        }
    }

    private void create(String port, String inner, LocalEndpoint endpoint, LinkTable links, NetworkNamespace target) {
        if (links.find(inner).isPresent()) {
            throw new WeftException.NameTaken("interface '" + inner + "' exists already in " + target.name() + "; endpoint '" + endpoint.id()
                    + "' needs another interface name");
        }
        try {
            scope.links.createVeth(port, inner, endpoint.mac(), network.mtu(), target.fd());
        } catch (NetlinkException e) {
            if (e.errno() == Errno.EEXIST) {
                throw new WeftException.NameTaken("interface '" + inner + "' exists already in " + target.name(), e);
            }
            throw e;
        }
    }

    /** Makes a link a port for an endpoint, if it is not one yet. */
    static void join(NetworkScope scope, Link port) {
        Link bridge = scope.require(KernelNames.BRIDGE);
        if (port.mtu() != NetworkReconciler.PORT_MTU) {
            scope.links.setMtu(port, NetworkReconciler.PORT_MTU);
        }
        if (port.master().orElse(0) != bridge.index()) {
            scope.links.setMaster(port, bridge);
        }
        if (!ENDPOINT_PORT.equals(scope.require(port.name()).port())) {
            scope.links.setPort(port, ENDPOINT_PORT);
        }
        if (!port.up()) {
            scope.links.up(port);
        }
    }

    private void configure(LinkTable links, AddressTable addresses, Link inner, LocalEndpoint endpoint) {
        if (inner.mtu() != network.mtu()) {
            links.setMtu(inner, network.mtu());
        }
        InterfaceAddresses.reconcile(addresses, inner.index(), endpoint.addresses().stream().map(address -> withPrefix(inner, address)).toList());
        if (!inner.up()) {
            links.up(inner);
        }
    }

    /** Routes to where the network has grown; it never shrinks, so none is ever removed. */
    private void route(OnLinkRoutes routes, Link inner, LocalEndpoint endpoint) {
        List<OnLinkRoute> wanted = network.furtherOnLink(endpoint).stream()
                .map(cidr -> new OnLinkRoute(inner.index(), cidr.network(), cidr.prefixLength())).toList();
        if (!wanted.isEmpty()) {
            List<OnLinkRoute> present = routes.list();
            wanted.stream().filter(route -> !present.contains(route)).forEach(routes::add);
        }
    }

    private InterfaceAddress withPrefix(Link inner, InetAddress address) {
        int prefix = network.subnets().stream().map(SubnetState::cidr).filter(cidr -> cidr.contains(address)).mapToInt(Cidr::prefixLength)
                .findFirst().orElse(address.getAddress().length * Byte.SIZE);
        return new InterfaceAddress(inner.index(), address, prefix);
    }
}
