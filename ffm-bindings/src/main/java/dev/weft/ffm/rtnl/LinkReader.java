package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkReply;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads RTM_NEWLINK. struct ifinfomsg: family 1, pad 1, type 2, index 4, flags 4, change 4. */
final class LinkReader {

    private static final int IFF_UP = 1;
    private static final int ETHERNET_OCTETS = 6;

    private LinkReader() {
    }

    static Link read(NetlinkReply reply) {
        Attributes attributes = reply.attributes(LinkTable.IFINFOMSG);
        Attributes info = attributes.nested(LinkTable.IFLA_LINKINFO);
        String kind = info.string(LinkTable.IFLA_INFO_KIND).orElse("");
        boolean bridgePort = info.string(LinkTable.IFLA_INFO_SLAVE_KIND).filter("bridge"::equals).isPresent();
        return new Link(reply.u32(4), attributes.string(LinkTable.IFLA_IFNAME).orElse(""), kind, (reply.u32(8) & IFF_UP) != 0,
                attributes.integer(LinkTable.IFLA_MTU).orElse(0),
                attributes.bytes(LinkTable.IFLA_ADDRESS).filter(mac -> mac.length == ETHERNET_OCTETS).map(MacAddress::of)
                        .orElse(new MacAddress(0)),
                attributes.integer(LinkTable.IFLA_MASTER), attributes.integer(LinkTable.IFLA_LINK),
                bridgePort ? bridgePort(info.nested(LinkTable.IFLA_INFO_SLAVE_DATA)) : null,
                kind.equals("vxlan") ? vxlan(info.nested(LinkTable.IFLA_INFO_DATA)) : null,
                attributes.bytes(LinkTable.IFLA_STATS64).map(LinkReader::counters).orElse(LinkCounters.NONE));
    }

    private static BridgePort bridgePort(Attributes port) {
        return new BridgePort(flag(port, LinkTable.IFLA_BRPORT_LEARNING), flag(port, LinkTable.IFLA_BRPORT_UNICAST_FLOOD),
                flag(port, LinkTable.IFLA_BRPORT_MCAST_FLOOD), flag(port, LinkTable.IFLA_BRPORT_BCAST_FLOOD),
                flag(port, LinkTable.IFLA_BRPORT_NEIGH_SUPPRESS), flag(port, LinkTable.IFLA_BRPORT_LOCKED),
                flag(port, LinkTable.IFLA_BRPORT_ISOLATED));
    }

    private static boolean flag(Attributes port, int attribute) {
        return port.integer(attribute).orElse(0) != 0;
    }

    private static VxlanSettings vxlan(Attributes data) {
        Optional<InetAddress> local = data.address(LinkTable.IFLA_VXLAN_LOCAL).or(() -> data.address(LinkTable.IFLA_VXLAN_LOCAL6));
        int portInNetworkOrder = data.integer(LinkTable.IFLA_VXLAN_PORT).orElse(0);
        ByteBuffer range = ByteBuffer.wrap(data.bytes(LinkTable.IFLA_VXLAN_PORT_RANGE).orElse(new byte[4]));
        int first = range.getShort(0) & 0xffff;
        return new VxlanSettings(data.integer(LinkTable.IFLA_VXLAN_ID).orElse(0), local.orElse(null),
                Short.reverseBytes((short) portInNetworkOrder) & 0xffff, first, first == 0 ? 0 : (range.getShort(2) & 0xffff) - 1);
    }

    /** struct rtnl_link_stats64: packets, bytes, errors and dropped in pairs of receive and transmit. */
    private static LinkCounters counters(byte[] stats) {
        ByteBuffer buffer = ByteBuffer.wrap(stats).order(ByteOrder.nativeOrder());
        return new LinkCounters(buffer.getLong(0), buffer.getLong(8), buffer.getLong(16), buffer.getLong(24), buffer.getLong(32),
                buffer.getLong(40), buffer.getLong(48), buffer.getLong(56));
    }
}
