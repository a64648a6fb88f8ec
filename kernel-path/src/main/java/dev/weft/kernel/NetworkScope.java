package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import dev.weft.ffm.rtnl.NeighborTable;
import dev.weft.ffm.rtnl.OutputRoutes;

/** The namespace of one network and the tables in it. */
final class NetworkScope implements AutoCloseable {

    private final NetworkNamespace namespace;
    private final NetlinkSocket socket;
    final LinkTable links;
    final AddressTable addresses;
    final NeighborTable neighbors;
    final OutputRoutes outputRoutes;
    final KernelGateway gateway;

    private NetworkScope(NetworkNamespace namespace) {
        this.namespace = namespace;
        this.socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
        this.links = new LinkTable(socket);
        this.addresses = new AddressTable(socket);
        this.neighbors = new NeighborTable(socket);
        this.outputRoutes = new OutputRoutes(socket);
        this.gateway = new KernelGateway(namespace);
    }

    /** Opens the namespace; makes it when it is missing. */
    static NetworkScope open(String name) {
        NetworkNamespace namespace = NetworkNamespace.exists(name) ? NetworkNamespace.open(name) : NetworkNamespace.create(name);
        try {
            return new NetworkScope(namespace);
        } catch (RuntimeException e) {
            namespace.close();
            throw e;
        }
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    Link require(String name) {
        return links.find(name).orElseThrow(() -> new WeftException.DataPathFailed("interface " + name + " in the network namespace "
                + namespace.name() + " is gone; somebody else removed it"));
    }

    /** Requests for a change made in this namespace. */
    long changes() {
        return socket.changes();
    }

    /** Removes the interfaces (the kernel would do so only some time after the name has gone), then the namespace. */
    void destroy() {
        try {
            links.list().stream().filter(link -> KernelNames.isPort(link.name()) || link.name().equals(KernelNames.VXLAN)
                    || link.name().equals(KernelNames.BRIDGE)).forEach(links::delete);
        } finally {
            close(); // an open descriptor would keep the namespace for as long as this process
        }
        NetworkNamespace.delete(namespace.name());
    }

    @Override
    public void close() {
        socket.close();
        namespace.close();
    }
}
