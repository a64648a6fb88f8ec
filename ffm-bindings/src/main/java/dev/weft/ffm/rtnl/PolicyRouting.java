package dev.weft.ffm.rtnl;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;

/**
 * Tables that hold a default route, and the rules that lead to them. struct fib_rule_hdr: family 1, destination length 1, source length 1,
 * TOS 1, table 1, reserved 2, action 1, flags 4; struct rtmsg: see {@link OnLinkRoutes}.
 */
final class PolicyRouting {

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_NEWRULE = 32;
    static final int RTM_DELRULE = 33;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_TABLE = 15;
    static final int FRA_PRIORITY = 6;
    static final int FRA_TABLE = 15;
    /** Behind the default table (32767), the last one that there is of itself. */
    static final int LAST = 32800;
    private static final int ACTION_TABLE = 1;
    private static final int RTPROT_STATIC = 4;
    private static final int RTN_UNICAST = 1;

    private final NetlinkSocket socket;

    PolicyRouting(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Adds the default route, or puts it in the place of the one that the table has. */
    void putDefault(int link, InetAddress gateway, int table) {
        socket.request(ofDefault(RTM_NEWROUTE, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_REPLACE, "add", link, gateway, table));
    }

    /** Nothing happens when it is not there. */
    void removeDefault(int link, InetAddress gateway, int table) {
        requestUnless(Errno.ESRCH, ofDefault(RTM_DELROUTE, 0, "remove", link, gateway, table));
    }

    private static NetlinkMessage ofDefault(int type, int flags, String verb, int link, InetAddress gateway, int table) {
        return new NetlinkMessage(type, flags | NetlinkMessage.NLM_F_ACK, verb + " default route " + gateway.getHostAddress())
                .u8(Family.of(gateway)).u8(0).u8(0).u8(0).u8(0).u8(RTPROT_STATIC).u8(0).u8(RTN_UNICAST).u32(0)
                .attribute(RTA_GATEWAY, gateway).attribute32(RTA_OIF, link).attribute32(RTA_TABLE, table);
    }

    /** A rule of one family without its attributes. @param bits how much of a source address has to be so */
    static NetlinkMessage newRule(int family, int bits, String what) {
        return rule(RTM_NEWRULE, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL, family, bits, "add " + what);
    }

    /** The same, to be removed. */
    static NetlinkMessage oldRule(int family, int bits, String what) {
        return rule(RTM_DELRULE, 0, family, bits, "remove " + what);
    }

    private static NetlinkMessage rule(int type, int flags, int family, int bits, String what) {
        return new NetlinkMessage(type, flags | NetlinkMessage.NLM_F_ACK, what)
                .u8(family).u8(0).u8(bits).u8(0).u8(0).u8(0).u8(0).u8(ACTION_TABLE).u32(0);
    }

    /** Nothing happens when it is there. */
    void put(NetlinkMessage rule) {
        requestUnless(Errno.EEXIST, rule);
    }

    /** Nothing happens when it is not there. */
    void remove(NetlinkMessage rule) {
        requestUnless(Errno.ENOENT, rule);
    }

    private void requestUnless(Errno done, NetlinkMessage message) {
        try {
            socket.request(message);
        } catch (NetlinkException e) {
            if (e.errno() != done) {
                throw e;
            }
        }
    }
}
