package dev.weft.kernel.nft;

import dev.weft.api.GatewayBridgeSpec;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The rules of the gateway bridge, in the node's own namespace. They speak of this node's endpoints alone: a bridge that somebody else
 * made may have others.
 *
 * <pre>
 *   inet TABLE      forward            from endpoint to endpoint: dropped, unless icc; a connection from outside to an endpoint:
 *                                      dropped, unless somebody translated its destination
 *                   postrouting (nat)  from an endpoint to outside: gets the node's address
 *   bridge TABLE    prerouting         an endpoint's source address is its own, in IP and in ARP; nothing else passes
 * </pre>
 * Nothing is counted: nobody reads it, and rules that stay as they are can be compared as text.
 */
public final class GatewayBridgeRules {

    private static final String ENDPOINTS = "endpoints";
    private static final String FORWARD = "forward";
    private static final String POSTROUTING = "postrouting";
    private static final int INET_FORWARD = 2;
    private static final int INET_POSTROUTING = 4;
    private static final int PRIORITY_FILTER = 0;
    private static final int PRIORITY_SRCNAT = 100;
    private static final String GUARD = "guard";
    private static final String PORTS = "ports";
    private static final String OWN = "own";
    private static final int BRIDGE_PREROUTING = 0;
    /** Before br_netfilter (0). */
    private static final int PRIORITY_FIRST = -300;
    private static final int BEHIND_THE_NAME = Expressions.REGISTER + Expressions.INTERFACE_NAME / Integer.BYTES;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int ARP_SENDER = 14;
    /** NF_CT_STATE_BIT(IP_CT_NEW). */
    private static final int STATE_NEW = 8;
    /** IPS_DST_NAT. */
    private static final int STATUS_DNAT = 1 << 5;

    /** An endpoint of this node at the bridge. */
    public record Endpoint(String port, InetAddress address) {
    }

    private GatewayBridgeRules() {
    }

    /** Makes the rules so; writes nothing when they are. */
    public static void reconcile(NetworkNamespace node, String table, GatewayBridgeSpec spec, List<Endpoint> endpoints) {
        node.call(() -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                inet(table, spec, endpoints).apply(socket);
                guard(table, endpoints).apply(socket);
            }
            return null;
        });
    }

    /** Takes them away, if they are there. */
    public static void remove(NetworkNamespace node, String table) {
        node.call(() -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                new Ruleset(Ruleset.INET, table).remove(socket);
                new Ruleset(Ruleset.BRIDGE, table).remove(socket);
            }
            return null;
        });
    }

    private static Ruleset inet(String table, GatewayBridgeSpec spec, List<Endpoint> endpoints) {
        Ruleset rules = new Ruleset(Ruleset.INET, table);
        rules.set(ENDPOINTS, Integer.BYTES, endpoints.stream().map(each -> each.address().getAddress()).toList());
        rules.chain(FORWARD, "filter", INET_FORWARD, PRIORITY_FILTER);
        if (!spec.icc()) {
            rules.rule(FORWARD, endpoint(IPV4_SOURCE).payload(Expressions.NETWORK_HEADER, IPV4_DESTINATION, Integer.BYTES).isIn(ENDPOINTS).drop());
        }
        rules.rule(FORWARD, endpoint(IPV4_DESTINATION).notFrom(spec.name()).connection(CtKey.STATE).hasAny(STATE_NEW)
                .connection(CtKey.STATUS).hasNone(STATUS_DNAT).drop());
        if (spec.masquerade()) {
            rules.chain(POSTROUTING, "nat", INET_POSTROUTING, PRIORITY_SRCNAT);
            rules.rule(POSTROUTING, endpoint(IPV4_SOURCE).notTo(spec.name()).masquerade());
        }
        return rules;
    }

    private static Expressions endpoint(int offset) {
        return new Expressions().meta(MetaKey.NFPROTO).is((byte) Ruleset.IPV4)
                .payload(Expressions.NETWORK_HEADER, offset, Integer.BYTES).isIn(ENDPOINTS);
    }

    private static Ruleset guard(String table, List<Endpoint> endpoints) {
        Ruleset rules = new Ruleset(Ruleset.BRIDGE, table);
        rules.set(PORTS, Expressions.INTERFACE_NAME, endpoints.stream().map(each -> Expressions.padded(each.port())).toList());
        rules.set(OWN, Expressions.INTERFACE_NAME + Integer.BYTES, endpoints.stream().map(each -> ByteBuffer.allocate(
                Expressions.INTERFACE_NAME + Integer.BYTES).put(Expressions.padded(each.port())).put(each.address().getAddress()).array()).toList());
        rules.chain(GUARD, "filter", BRIDGE_PREROUTING, PRIORITY_FIRST);
        rules.rule(GUARD, own(EtherType.IPV4, IPV4_SOURCE).accept());
        rules.rule(GUARD, own(EtherType.ARP, ARP_SENDER).accept());
        rules.rule(GUARD, new Expressions().meta(MetaKey.PROTOCOL).is(EtherType.ARP)
                .payload(Expressions.NETWORK_HEADER, ARP_SENDER, Integer.BYTES).is(new byte[Integer.BYTES]).accept()); // a probe: RFC 5227, 1.1
        rules.rule(GUARD, new Expressions().meta(MetaKey.IIFNAME).isIn(PORTS).drop());
        return rules;
    }

    /** What it says of its sender is true of the port that it came in by. */
    private static Expressions own(byte[] etherType, int offset) {
        return new Expressions().meta(MetaKey.PROTOCOL).is(etherType).meta(MetaKey.IIFNAME)
                .payload(Expressions.NETWORK_HEADER, offset, Integer.BYTES, BEHIND_THE_NAME).isIn(OWN);
    }
}
