package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;

/** The namespace and the interface over which the other nodes are reached. Its namespace is where the VXLAN sockets stay. */
final class Uplink implements AutoCloseable {

    private final DataPathConfig config;
    private final NetworkNamespace namespace;
    private final NetlinkSocket socket;
    private final LinkTable links;
    private final Link link;

    private Uplink(DataPathConfig config, NetworkNamespace namespace, NetlinkSocket socket) {
        this.config = config;
        this.namespace = namespace;
        this.socket = socket;
        this.links = new LinkTable(socket);
        this.link = find();
    }

    /**
     * Finds the uplink, without changing anything.
     *
     * @throws WeftException.DataPathUnavailable if no interface has the data-path address
     */
    static Uplink open(DataPathConfig config) {
        NetworkNamespace namespace = config.namespace().map(NetworkNamespace::open).orElseGet(NetworkNamespace::current);
        NetlinkSocket socket = null;
        try {
            socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
            return new Uplink(config, namespace, socket);
        } catch (RuntimeException e) {
            if (socket != null) {
                socket.close();
            }
            namespace.close();
            throw e;
        }
    }

    private Link find() {
        String vtep = config.vtep().getHostAddress();
        int index = new AddressTable(socket).list().stream().filter(address -> address.address().equals(config.vtep())).findFirst()
                .orElseThrow(() -> new WeftException.DataPathUnavailable("no interface has the data-path address " + vtep
                        + "; the kernel path sends from it: add it to the uplink, or name another address")).link();
        Link found = links.list().stream().filter(candidate -> candidate.index() == index).findFirst().orElseThrow();
        if (config.uplink().isPresent() && !config.uplink().get().equals(found.name())) {
            throw new WeftException.DataPathUnavailable("the data-path address " + vtep + " is at interface " + found.name() + ", not at "
                    + config.uplink().get() + "; name the interface that has it, or leave the uplink out");
        }
        return found;
    }

    /**
     * Finds out whether the UDP port is free. The kernel's VXLAN socket binds the wildcard address.
     *
     * @throws WeftException.PortInUse if it is not
     */
    void requireFreePort() {
        namespace.call(() -> {
            try (DatagramSocket probe = new DatagramSocket(null)) {
                probe.setReuseAddress(false);
                probe.bind(new InetSocketAddress(config.port()));
                return null;
            } catch (SocketException e) {
                throw new WeftException.PortInUse("UDP port " + config.port() + " is taken (" + e.getMessage()
                        + "); stop what uses it, or give the whole cluster another data-path port", e);
            }
        });
    }

    DataPathConfig config() {
        return config;
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    LinkTable links() {
        return links;
    }

    Link link() {
        return link;
    }

    /** Requests for a change made through this uplink's socket. */
    long changes() {
        return socket.changes();
    }

    @Override
    public void close() {
        socket.close();
        namespace.close();
    }
}
