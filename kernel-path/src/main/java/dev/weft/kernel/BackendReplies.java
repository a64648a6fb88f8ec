package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.PublishedState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import dev.weft.ffm.rtnl.SourceRoute;
import dev.weft.ffm.rtnl.SourceRoutes;
import dev.weft.kernel.nft.ReplyRules;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The way back from a backend: what has its address in the ingress network as the source leaves by that interface, whatever other
 * routes the namespace has (and so also passes a strict reverse-path filter on its way in), as a frame to the node that the question came
 * by (see {@link ReplyRules}).
 */
final class BackendReplies {

    /** "WE" and the index of the interface. */
    private static final int FIRST_TABLE = 0x5745_0000;

    private BackendReplies() {
    }

    /** @throws WeftException.NotFound if the namespace or the interface is gone */
    static void reconcile(PublishedState.Backend backend) {
        in(backend, () -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE);
                    NetlinkSocket filter = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                Link link = find(socket, backend).orElseThrow(() -> new WeftException.NotFound("interface " + backend.interfaceName()
                        + " in the network namespace '" + backend.namespace() + "' is gone; somebody else removed it"));
                ReplyRules.reconcile(filter, link, backend.addresses());
                SourceRoutes routes = new SourceRoutes(socket);
                routes(backend, link).forEach(routes::put);
            }
        });
    }

    /** Nothing happens when the namespace is gone. */
    static void remove(PublishedState.Backend backend) {
        if (!NetworkNamespace.exists(backend.namespace())) {
            return;
        }
        in(backend, () -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE);
                    NetlinkSocket filter = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                ReplyRules.remove(filter, backend.interfaceName());
                SourceRoutes rules = new SourceRoutes(socket);
                find(socket, backend).ifPresent(link -> routes(backend, link).forEach(rules::remove));
                backend.addresses().forEach(rules::removeRule);
            }
        });
    }

    private static void in(PublishedState.Backend backend, Runnable work) {
        try (NetworkNamespace namespace = NetworkNamespace.open(backend.namespace())) {
            namespace.call(() -> {
                work.run();
                return null;
            });
        }
    }

    private static Optional<Link> find(NetlinkSocket socket, PublishedState.Backend backend) {
        return new LinkTable(socket).find(backend.interfaceName());
    }

    private static List<SourceRoute> routes(PublishedState.Backend backend, Link link) {
        List<SourceRoute> routes = new ArrayList<>();
        for (InetAddress address : backend.addresses()) {
            backend.gateways().stream().filter(gateway -> gateway instanceof Inet4Address == address instanceof Inet4Address).findFirst()
                    .ifPresent(gateway -> routes.add(new SourceRoute(address, link.index(), gateway, FIRST_TABLE + link.index())));
        }
        return routes;
    }
}
