package dev.weft.ffm.rtnl;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;

/**
 * Default routes by source: a rule for the address, and a table with one route.
 * struct fib_rule_hdr: family 1, destination length 1, source length 1, TOS 1, table 1, reserved 2, action 1, flags 4; struct rtmsg: see
 * {@link OnLinkRoutes}.
 */
public final class SourceRoutes {

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int FRA_SRC = 2;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_TABLE = 15;
    private static final int ACTION_TABLE = 1;
    /** Before the main table (32766). */
    private static final int FIRST = 5200;
    /** Behind the default table (32767), the last one that there is of itself. */
    private static final int LAST = 32800;
    private static final int NEW = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_TABLE = 15;
    private static final int RTPROT_STATIC = 4;
    private static final int RTN_UNICAST = 1;

    private final NetlinkSocket socket;

    public SourceRoutes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Makes it so. What has another source goes by it too, when no other route leads anywhere. */
    public void put(SourceRoute route) {
        socket.request(new NetlinkMessage(RTM_NEWROUTE, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_REPLACE | NetlinkMessage.NLM_F_ACK,
                "add default route " + route.gateway().getHostAddress())
                .u8(Family.of(route.gateway())).u8(0).u8(0).u8(0).u8(0).u8(RTPROT_STATIC).u8(0).u8(RTN_UNICAST).u32(0)
                .attribute(RTA_GATEWAY, route.gateway()).attribute32(RTA_OIF, route.link()).attribute32(RTA_TABLE, route.table()));
        put(ofSource(RTM_NEWRULE, NEW, route.source()).attribute32(FRA_TABLE, route.table()));
        put(ofAll(RTM_NEWRULE, NEW, route));
    }

    private void put(NetlinkMessage rule) {
        try {
            socket.request(rule);
        } catch (NetlinkException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** Takes its rules away; the route goes with its interface. Nothing happens when there are none. */
    public void remove(SourceRoute route) {
        remove(ofAll(RTM_DELRULE, NetlinkMessage.NLM_F_ACK, route));
        removeRule(route.source());
    }

    /** Takes away the rule of an address whose interface is gone. Nothing happens when there is none. */
    public void removeRule(InetAddress source) {
        remove(ofSource(RTM_DELRULE, NetlinkMessage.NLM_F_ACK, source));
    }

    private void remove(NetlinkMessage rule) {
        try {
            socket.request(rule);
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static NetlinkMessage ofSource(int type, int flags, InetAddress source) {
        return rule(type, flags, source, source.getAddress().length * Byte.SIZE).attribute(FRA_SRC, source).attribute32(FRA_PRIORITY, FIRST);
    }

    private static NetlinkMessage ofAll(int type, int flags, SourceRoute route) {
        return rule(type, flags, route.source(), 0).attribute32(FRA_TABLE, route.table()).attribute32(FRA_PRIORITY, LAST);
    }

    private static NetlinkMessage rule(int type, int flags, InetAddress source, int bits) {
        return new NetlinkMessage(type, flags, "route what comes from " + source.getHostAddress())
                .u8(Family.of(source)).u8(0).u8(bits).u8(0).u8(0).u8(0).u8(0).u8(ACTION_TABLE).u32(0);
    }
}
