package dev.weft.ffm.rtnl;

import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.List;
import java.util.Optional;

/**
 * The on-link routes of a namespace's main table that were set by hand; the kernel makes its own with the addresses. struct rtmsg:
 * family 1, destination length 1, source length 1, TOS 1, table 1, protocol 1, scope 1, type 1, flags 4.
 */
public final class OnLinkRoutes {

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTMSG = 12;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;

    private final NetlinkSocket socket;

    public OnLinkRoutes(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<OnLinkRoute> list() {
        NetlinkMessage dump = new NetlinkMessage(RTM_GETROUTE, NetlinkMessage.NLM_F_DUMP, "list routes").zeros(RTMSG);
        return socket.query(dump).stream().filter(reply -> reply.u8(4) == RT_TABLE_MAIN && reply.u8(5) == RTPROT_STATIC)
                .map(OnLinkRoutes::read).flatMap(Optional::stream).toList();
    }

    private static Optional<OnLinkRoute> read(NetlinkReply reply) {
        Attributes attributes = reply.attributes(RTMSG);
        return attributes.address(RTA_DST).filter(destination -> attributes.integer(RTA_OIF).isPresent())
                .map(destination -> new OnLinkRoute(attributes.integer(RTA_OIF).getAsInt(), destination, reply.u8(1)));
    }

    public void add(OnLinkRoute route) {
        socket.request(new NetlinkMessage(RTM_NEWROUTE, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK,
                "add route " + route.destination().getHostAddress() + "/" + route.prefix())
                .u8(Family.of(route.destination())).u8(route.prefix()).u8(0).u8(0)
                .u8(RT_TABLE_MAIN).u8(RTPROT_STATIC).u8(SCOPE_LINK).u8(RTN_UNICAST).u32(0)
                .attribute(RTA_DST, route.destination()).attribute32(RTA_OIF, route.link()));
    }
}
