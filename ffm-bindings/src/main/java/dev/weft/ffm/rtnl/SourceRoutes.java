package dev.weft.ffm.rtnl;

import static dev.weft.ffm.rtnl.PolicyRouting.FRA_PRIORITY;
import static dev.weft.ffm.rtnl.PolicyRouting.FRA_TABLE;

import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;

/** Default routes by source: a rule for the address, and a table with one route. */
public final class SourceRoutes {

    private static final int FRA_SRC = 2;
    /** Before the main table (32766). */
    private static final int FIRST = 5200;

    private final PolicyRouting routing;

    public SourceRoutes(NetlinkSocket socket) {
        this.routing = new PolicyRouting(socket);
    }

    /** Makes it so. What has another source goes by it too, when no other route leads anywhere. */
    public void put(SourceRoute route) {
        InetAddress source = route.source();
        routing.putDefault(route.link(), route.gateway(), route.table());
        routing.put(ofSource(PolicyRouting.newRule(Family.of(source), bits(source), what(source)), source).attribute32(FRA_TABLE, route.table()));
        routing.put(ofAll(PolicyRouting.newRule(Family.of(source), 0, what(source)), route));
    }

    /** Takes its rules away; the route goes with its interface. Nothing happens when there are none. */
    public void remove(SourceRoute route) {
        routing.remove(ofAll(PolicyRouting.oldRule(Family.of(route.source()), 0, what(route.source())), route));
        removeRule(route.source());
    }

    /** Takes away the rule of an address whose interface is gone. Nothing happens when there is none. */
    public void removeRule(InetAddress source) {
        routing.remove(ofSource(PolicyRouting.oldRule(Family.of(source), bits(source), what(source)), source));
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    private static String what(InetAddress source) {
        return "the rule for what comes from " + source.getHostAddress();
    }

    private static NetlinkMessage ofSource(NetlinkMessage rule, InetAddress source) {
        return rule.attribute(FRA_SRC, source).attribute32(FRA_PRIORITY, FIRST);
    }

    private static NetlinkMessage ofAll(NetlinkMessage rule, SourceRoute route) {
        return rule.attribute32(FRA_TABLE, route.table()).attribute32(FRA_PRIORITY, PolicyRouting.LAST);
    }
}
