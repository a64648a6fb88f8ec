package dev.weft.kernel.conntrack;

import dev.weft.api.path.ServiceState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The flows to VIPs of one network, whose backends conntrack remembers. It would go on sending to a backend that is gone; so those flows
 * are taken from it. The next packet of a UDP flow gets another backend then; one of a TCP connection is no SYN and gets a RST, because
 * the VIP is the bridge's own address and nobody listens there. One thread at a time.
 */
public final class TranslatedFlows {

    private final NetworkNamespace namespace;
    /** Who may have flows by each VIP, as of the last call; null: flows of an earlier process may be there. */
    private Map<InetAddress, Set<InetAddress>> keeping;

    public TranslatedFlows(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /** Forgets the flows of backends that these services do not name; the rules that choose backends are so already. */
    public void retain(List<ServiceState> services) {
        Map<InetAddress, Set<InetAddress>> keep = new HashMap<>();
        for (ServiceState service : services) {
            Set<InetAddress> backends = new HashSet<>(service.backends());
            backends.addAll(service.draining());
            keep.put(service.vip(), backends);
        }
        Set<InetAddress> gone = gone(keep);
        if (keeping == null && !keep.isEmpty() || !gone.isEmpty()) {
            namespace.call(() -> {
                try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                    ConntrackTable table = new ConntrackTable(socket);
                    List<TrackedFlow> flows = keeping == null ? table.list() : table.answeredBy(gone);
                    flows.stream().filter(flow -> flow.isTranslated() && !keep.getOrDefault(flow.destination(), Set.of()).contains(flow.answerer()))
                            .forEach(table::delete);
                }
                return null;
            });
        }
        keeping = keep;
    }

    /** Backends that at least one VIP has no longer. */
    private Set<InetAddress> gone(Map<InetAddress, Set<InetAddress>> keep) {
        Set<InetAddress> gone = new HashSet<>();
        if (keeping != null) {
            keeping.forEach((vip, backends) -> backends.stream().filter(backend -> !keep.getOrDefault(vip, Set.of()).contains(backend))
                    .forEach(gone::add));
        }
        return gone;
    }
}
