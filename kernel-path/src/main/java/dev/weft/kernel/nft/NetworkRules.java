package dev.weft.kernel.nft;

import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.Sysctl;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The rules inside a network's namespace.
 *
 * <pre>
 *   inet weft      prerouting (nat)    a new connection to a VIP becomes one to a backend; conntrack turns the answers back
 *   bridge weft    prerouting          an endpoint's source addresses are its own   (EndpointGuard)
 *                  forward             MSS no larger than the network's MTU allows
 *                  output              what is routed for the node's gateway to the outside comes from its MAC   (RoutedSource)
 * </pre>
 * The answers of a backend cross the bridge at layer 2 and meet conntrack because the bridge was made with nf_call_iptables.
 */
public final class NetworkRules {

    static final String TABLE = "weft";

    private static final int INET_PREROUTING = 0;
    private static final int PRIORITY_DSTNAT = -100;

    /** Routing between ports of one bridge: no redirects, and sources that a reverse path would not expect. */
    private static final Map<String, String> SYSCTLS = Map.of(
            "ipv4/ip_forward", "1", "ipv6/conf/all/forwarding", "1",
            "ipv4/conf/all/send_redirects", "0", "ipv4/conf/br0/send_redirects", "0",
            "ipv4/conf/all/rp_filter", "0", "ipv4/conf/br0/rp_filter", "0");

    /** The kernel's own default, whatever the host's administrator made of it: a connection may be idle for days. In seconds. */
    private static final Map<String, String> CONNTRACK = Map.of("netfilter/nf_conntrack_tcp_timeout_established", "432000");
    /** The end of each connection can be told, also of those that began when nobody listened (by default it cannot since Linux 5.19). */
    private static final String EVENTS = "netfilter/nf_conntrack_events";

    private NetworkRules() {
    }

    /**
     * Makes the rules of the network so, in its namespace; writes nothing when they are.
     *
     * @param sequences by the place of a service by least connections, the positions of its backends that new connections get first
     * @return true when the rules about VIPs had to be written, and so begin with these sequences
     */
    public static boolean reconcile(NetworkNamespace namespace, NetworkState network, List<EndpointGuard.Port> ports,
                                    IntFunction<int[]> sequences) {
        return namespace.call(() -> {
            SYSCTLS.forEach(Sysctl::set);
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                Ruleset vips = new Ruleset(Ruleset.INET, TABLE);
                vips.chain(VipRules.CHAIN, "nat", INET_PREROUTING, PRIORITY_DSTNAT);
                for (int i = 0; i < network.services().size(); i++) {
                    VipRules.add(vips, network.services().get(i), i, sequences);
                }
                boolean written = vips.apply(socket);
                Ruleset bridge = new Ruleset(Ruleset.BRIDGE, TABLE);
                EndpointGuard.add(bridge, ports);
                SegmentClamp.add(bridge, network.mtu());
                network.locals().stream().filter(LocalEndpoint::routes)
                        .forEach(router -> RoutedSource.add(bridge, network.gatewayMac(), router.mac()));
                bridge.apply(socket);
                CONNTRACK.forEach(Sysctl::set); // there since the first rule that needs it
                if (Sysctl.exists(EVENTS)) {
                    Sysctl.set(EVENTS, "1");
                }
                return written;
            }
        });
    }
}
