package dev.weft.ffm.rtnl;

import dev.weft.api.Cidr;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * The IPv4 routes of a namespace's main table. struct rtmsg: family 1, destination length 1, source length 1, TOS 1, table 1,
 * protocol 1, scope 1, type 1, flags 4.
 */
public final class Ipv4Routes {

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTMSG = 12;
    private static final int AF_INET = 2;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int SCOPE_UNIVERSE = 0;
    private static final int RTN_UNICAST = 1;

    private final NetlinkSocket socket;

    public Ipv4Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    private Stream<NetlinkReply> list() {
        NetlinkMessage dump = new NetlinkMessage(RTM_GETROUTE, NetlinkMessage.NLM_F_DUMP, "list routes").u8(AF_INET).zeros(RTMSG - 1);
        return socket.query(dump).stream().filter(reply -> reply.u8(4) == RT_TABLE_MAIN);
    }

    public List<DefaultRoute> defaults() {
        return list().filter(reply -> reply.u8(1) == 0).map(reply -> {
            Attributes attributes = reply.attributes(RTMSG);
            return new DefaultRoute(attributes.integer(RTA_OIF).orElse(0), attributes.address(RTA_GATEWAY));
        }).toList();
    }

    /** Where there is a route to, but for the default. */
    public List<Cidr> destinations() {
        return list().filter(reply -> reply.u8(1) != 0)
                .flatMap(reply -> reply.attributes(RTMSG).address(RTA_DST).map(network -> new Cidr(network, reply.u8(1))).stream()).toList();
    }

    public void addDefault(int link, InetAddress gateway) {
        socket.request(new NetlinkMessage(RTM_NEWROUTE, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK,
                "add the default route by " + gateway.getHostAddress())
                .u8(AF_INET).u8(0).u8(0).u8(0).u8(RT_TABLE_MAIN).u8(RTPROT_STATIC).u8(SCOPE_UNIVERSE).u8(RTN_UNICAST).u32(0)
                .attribute(RTA_GATEWAY, gateway).attribute32(RTA_OIF, link));
    }
}
