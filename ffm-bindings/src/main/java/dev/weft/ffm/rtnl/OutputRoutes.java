package dev.weft.ffm.rtnl;

import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Default routes, one of each family, that a namespace has for what it sends itself and not for what it forwards: a rule for what comes from
 * "lo", as the kernel has it of all that begins here, and a table. Other routes come first.
 */
public final class OutputRoutes {

    /** "WE". A namespace has one of them. */
    private static final int TABLE = 0x5745;
    private static final int RTM_GETROUTE = 26;
    private static final int RTM_GETRULE = 34;
    private static final int FRA_IIFNAME = 3;
    /** Bytes of struct rtmsg, and of struct fib_rule_hdr. */
    private static final int HEADER = 12;
    private static final String LOOPBACK = "lo";
    private static final String WHAT = "the rule for what is sent here";

    private final NetlinkSocket socket;
    private final PolicyRouting routing;

    public OutputRoutes(NetlinkSocket socket) {
        this.socket = socket;
        this.routing = new PolicyRouting(socket);
    }

    /** Those that are whole. */
    public List<OutputRoute> list() {
        Set<Integer> ruled = socket.query(new NetlinkMessage(RTM_GETRULE, NetlinkMessage.NLM_F_DUMP, "list rules").zeros(HEADER)).stream()
                .filter(OutputRoutes::isRule).map(rule -> rule.u8(0)).collect(Collectors.toSet());
        return socket.query(new NetlinkMessage(RTM_GETROUTE, NetlinkMessage.NLM_F_DUMP, "list routes").zeros(HEADER)).stream()
                .filter(route -> ruled.contains(route.u8(0))).map(OutputRoutes::read).flatMap(Optional::stream).toList();
    }

    private static boolean isRule(NetlinkReply rule) {
        Attributes attributes = rule.attributes(HEADER);
        return attributes.string(FRA_IIFNAME).orElse("").equals(LOOPBACK) && attributes.integer(PolicyRouting.FRA_TABLE).orElse(0) == TABLE;
    }

    private static Optional<OutputRoute> read(NetlinkReply route) {
        Attributes attributes = route.attributes(HEADER);
        if (attributes.integer(PolicyRouting.RTA_TABLE).orElse(0) != TABLE) {
            return Optional.empty();
        }
        int link = attributes.integer(PolicyRouting.RTA_OIF).orElse(0);
        return attributes.address(PolicyRouting.RTA_GATEWAY).map(gateway -> new OutputRoute(link, gateway));
    }

    public void put(OutputRoute route) {
        routing.putDefault(route.link(), route.gateway(), TABLE);
        routing.put(ofOutput(PolicyRouting.newRule(Family.of(route.gateway()), 0, WHAT)));
    }

    /** Nothing happens when it is not there. */
    public void remove(OutputRoute route) {
        routing.remove(ofOutput(PolicyRouting.oldRule(Family.of(route.gateway()), 0, WHAT)));
        routing.removeDefault(route.link(), route.gateway(), TABLE);
    }

    private static NetlinkMessage ofOutput(NetlinkMessage rule) {
        return rule.attribute(FRA_IIFNAME, LOOPBACK).attribute32(PolicyRouting.FRA_TABLE, TABLE)
                .attribute32(PolicyRouting.FRA_PRIORITY, PolicyRouting.LAST);
    }
}
