package dev.weft.kernel.gwbridge;

import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkTable;
import java.util.ArrayList;
import java.util.List;

/** Ports of a node that does not run at gateway bridges of any name, and bridges that Weft made and that nobody has a port at then. */
public final class BridgeLeftovers {

    private BridgeLeftovers() {
    }

    /** @return what was removed */
    public static List<String> remove(NetworkNamespace node, String nodeId) {
        LegNames names = new LegNames(nodeId);
        List<String> removed = new ArrayList<>();
        try (NetlinkSocket socket = node.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE))) {
            LinkTable links = new LinkTable(socket);
            List<Link> ports = links.list().stream().filter(link -> names.namespace(link.name()).isPresent()).toList();
            for (Link port : ports) {
                links.delete(port);
                removed.add("interface " + port.name());
            }
            List<Link> left = links.list();
            left.stream().filter(link -> NodeSide.isMadeByWeft(link) && !ports.isEmpty()
                    && left.stream().noneMatch(other -> other.master().orElse(0) == link.index())).forEach(bridge -> {
                        links.delete(bridge);
                        removed.add("bridge " + bridge.name());
                    });
        }
        return removed;
    }
}
