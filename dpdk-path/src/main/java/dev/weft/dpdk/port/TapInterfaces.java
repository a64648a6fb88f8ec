package dev.weft.dpdk.port;

import dev.weft.api.Attachment;
import dev.weft.api.WeftException;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.TapDevice;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.AddressTable;
import dev.weft.ffm.rtnl.InterfaceAddress;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import dev.weft.ffm.rtnl.OnLinkRoute;
import dev.weft.ffm.rtnl.OnLinkRoutes;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Makes the interfaces of kernel endpoints: a tap in the endpoint's namespace with its MAC, MTU and addresses, up. They are not
 * persistent, so they go with the process however it ends.
 */
public final class TapInterfaces {

    /** What UDP carries at once over either family, and what a frame becomes longer by at most on its way to there (UnderlayOverhead). */
    private static final int DATAGRAMS = 65_535 - 40 - 8;
    private static final int OVERHEAD = 14 + 8 + 8 + 16 + 3 + 2 + 16;
    /** Of TCP with timestamps over IPv4. */
    private static final int HEADERS = 20 + 32;
    /** What TCP leaves free for headers of all layers (MAX_TCP_HEADER of linux/tcp.h, 320 as a rule), and a little. */
    private static final int TCP_LEAVES = 400;
    private static final int LONGEST = 65_536;
    /**
     * Packets that wait for the poller. The kernel's 1,000 small datagrams are sent in 2.5 ms, in which a poller that shares its core may not
     * have its turn, and a tap drops what it has no room for instead of stopping who sends (drivers/net/tun.c). TCP's window ends far below either.
     */
    static final int QUEUE = 4_096;

    private final Optional<String> hostNamespace;

    /** @param hostNamespace where host interfaces are made; empty: the namespace of the calling thread */
    public TapInterfaces(Optional<String> hostNamespace) {
        this.hostNamespace = hostNamespace;
    }

    /**
     * Makes the interface of an endpoint.
     *
     * @throws WeftException.NotFound         if the namespace is not there
     * @throws WeftException.NameTaken        if it has an interface of that name
     * @throws WeftException.PrivilegeMissing without the privilege to make it
     */
    public TapDevice create(LocalEndpoint endpoint, NetworkState network) {
        return switch (endpoint.attachment()) {
            case Attachment.NetworkNamespace inside -> create(NetworkNamespace.open(inside.namespace()), inside.interfaceName(), endpoint, network);
            case Attachment.HostInterface host -> create(hostNamespace.map(NetworkNamespace::open).orElseGet(NetworkNamespace::current),
                    host.interfaceName(), endpoint, network);
            default -> throw new IllegalArgumentException("no kernel endpoint: " + endpoint);
        };
    }

    private static TapDevice create(NetworkNamespace namespace, String name, LocalEndpoint endpoint, NetworkState network) {
        try (namespace) {
            return namespace.call(() -> {
                TapDevice tap = TapDevice.createWithOffloads(name);
                try {
                    configure(name, endpoint, network);
                    return tap;
                } catch (NetlinkException e) {
                    tap.close();
                    throw new WeftException.DataPathFailed("cannot set up interface '" + name + "' of endpoint " + endpoint.id()
                            + " in the namespace " + namespace.name() + ": " + e.getMessage(), e);
                } catch (RuntimeException e) {
                    tap.close();
                    throw e;
                }
            });
        }
    }

    /** In the interface's namespace. The MAC comes first: the kernel derives a link-local address from it on up. */
    private static void configure(String name, LocalEndpoint endpoint, NetworkState network) {
        try (NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            LinkTable links = new LinkTable(netlink);
            Link link = links.find(name).orElseThrow(() -> new WeftException.DataPathFailed(
                    "interface '" + name + "' of endpoint " + endpoint.id() + " was removed while it was made"));
            links.setMac(link, endpoint.mac());
            links.setMtu(link, network.mtu());
            links.setLongestSuperFrame(link, longestSuperFrame(network.mtu()));
            links.setQueueLength(link, QUEUE);
            links.up(link);
            AddressTable addresses = new AddressTable(netlink);
            for (InetAddress address : endpoint.addresses()) {
                addresses.add(new InterfaceAddress(link.index(), address, prefix(address, network)));
            }
            route(new OnLinkRoutes(netlink), link, endpoint, network);
        }
    }

    /** Bytes of as many full segments of TCP as a socket sends in one message: a longer one would leave a few for another message, each time. */
    static int longestSuperFrame(int mtu) {
        int segments = Math.clamp(DATAGRAMS / (mtu + OVERHEAD), 1, Burst.CAPACITY);
        return Math.min(LONGEST, segments * (mtu - HEADERS) + TCP_LEAVES);
    }

    /**
     * Gives the interface of an endpoint what it lacks of its network's routes, after that has grown.
     *
     * @throws WeftException.NotFound if the namespace is not there
     */
    public void route(LocalEndpoint endpoint, NetworkState network) {
        switch (endpoint.attachment()) {
            case Attachment.NetworkNamespace inside -> route(NetworkNamespace.open(inside.namespace()), inside.interfaceName(), endpoint, network);
            case Attachment.HostInterface host -> route(hostNamespace.map(NetworkNamespace::open).orElseGet(NetworkNamespace::current),
                    host.interfaceName(), endpoint, network);
            default -> throw new IllegalArgumentException("no kernel endpoint: " + endpoint);
        }
    }

    private static void route(NetworkNamespace namespace, String name, LocalEndpoint endpoint, NetworkState network) {
        try (namespace) {
            namespace.call(() -> {
                try (NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
                    new LinkTable(netlink).find(name).ifPresent(link -> route(new OnLinkRoutes(netlink), link, endpoint, network));
                    return name;
                } catch (NetlinkException e) {
                    throw new WeftException.DataPathFailed("cannot set the routes of interface '" + name + "' of endpoint " + endpoint.id()
                            + " in the namespace " + namespace.name() + ": " + e.getMessage(), e);
                }
            });
        }
    }

    private static void route(OnLinkRoutes routes, Link link, LocalEndpoint endpoint, NetworkState network) {
        List<OnLinkRoute> present = routes.list();
        network.furtherOnLink(endpoint).stream().map(cidr -> new OnLinkRoute(link.index(), cidr.network(), cidr.prefixLength()))
                .filter(route -> !present.contains(route)).forEach(routes::add);
    }

    private static int prefix(InetAddress address, NetworkState network) {
        return network.subnets().stream().map(SubnetState::cidr).filter(cidr -> cidr.contains(address)).findFirst()
                .map(cidr -> cidr.prefixLength()).orElse(address.getAddress().length * Byte.SIZE);
    }
}
