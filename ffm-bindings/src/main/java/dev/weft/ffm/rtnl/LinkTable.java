package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The interfaces of a network namespace: the one in which the socket was opened. Thread-safe as the socket is. */
public final class LinkTable {

    static final int IFINFOMSG = 16;
    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_TXQLEN = 13;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_STATS64 = 23;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int IFLA_INFO_SLAVE_KIND = 4;
    static final int IFLA_INFO_SLAVE_DATA = 5;
    static final int IFLA_GSO_MAX_SIZE = 41;
    static final int IFLA_BRPORT_LEARNING = 8;
    static final int IFLA_BRPORT_UNICAST_FLOOD = 9;
    static final int IFLA_BRPORT_MCAST_FLOOD = 27;
    static final int IFLA_BRPORT_BCAST_FLOOD = 30;
    static final int IFLA_BRPORT_NEIGH_SUPPRESS = 32;
    static final int IFLA_BRPORT_ISOLATED = 33;
    static final int IFLA_BRPORT_LOCKED = 39;
    static final int IFLA_VXLAN_ID = 1;
    static final int IFLA_VXLAN_LOCAL = 4;
    /** struct ifla_vxlan_port_range: the first, and the one behind the last */
    static final int IFLA_VXLAN_PORT_RANGE = 10;
    static final int IFLA_VXLAN_PORT = 15;
    static final int IFLA_VXLAN_LOCAL6 = 17;

    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_VXLAN_LEARNING = 7;
    private static final int IFLA_VXLAN_UDP_CSUM = 18;
    private static final int IFLA_VXLAN_DF = 29;
    private static final int VXLAN_DF_SET = 1;
    private static final int IFLA_BR_MCAST_SNOOPING = 23;
    private static final int IFLA_BR_NF_CALL_IPTABLES = 36;
    private static final int IFLA_BR_NF_CALL_IP6TABLES = 37;
    private static final int VETH_INFO_PEER = 1;
    private static final int IFF_UP = 1;
    private static final int CREATE = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK;

    private final NetlinkSocket socket;

    public LinkTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<Link> list() {
        NetlinkMessage dump = header(RTM_GETLINK, NetlinkMessage.NLM_F_DUMP, 0, 0, 0, "list interfaces");
        return socket.query(dump).stream().map(LinkReader::read).toList();
    }

    public Optional<Link> find(String name) {
        NetlinkMessage get = header(RTM_GETLINK, NetlinkMessage.NLM_F_ACK, 0, 0, 0, "find interface " + name).attribute(IFLA_IFNAME, name);
        try {
            return socket.query(get).stream().map(LinkReader::read).findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Makes a bridge without multicast snooping; frames that cross it pass the namespace's IP hooks (br_netfilter) when asked. */
    public void createBridge(String name, MacAddress mac, int mtu, boolean passIpHooks) {
        socket.request(create("make bridge " + name, name).attribute(IFLA_ADDRESS, mac.octets()).attribute32(IFLA_MTU, mtu)
                .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "bridge").nested(IFLA_INFO_DATA, data -> data
                        .attribute8(IFLA_BR_MCAST_SNOOPING, 0)
                        .attribute8(IFLA_BR_NF_CALL_IPTABLES, passIpHooks ? 1 : 0)
                        .attribute8(IFLA_BR_NF_CALL_IP6TABLES, passIpHooks ? 1 : 0))));
    }

    /**
     * Makes a VXLAN interface in another namespace, while its UDP socket stays in this one. It learns nothing; its FDB says
     * where frames go. IPv4: the outer UDP checksum is zero (RFC 7348, 5) and DF is set; IPv6: checksums are computed and asked for.
     *
     * @param namespaceFd where the interface shall be
     */
    public void createVxlan(String name, VxlanSettings settings, int mtu, int namespaceFd) {
        InetAddress local = settings.local();
        socket.request(create("make VXLAN interface " + name, name).attribute32(IFLA_MTU, mtu).attribute32(IFLA_NET_NS_FD, namespaceFd)
                .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "vxlan").nested(IFLA_INFO_DATA, data -> {
                    data.attribute32(IFLA_VXLAN_ID, settings.vni()).attribute16be(IFLA_VXLAN_PORT, settings.port())
                            .attribute8(IFLA_VXLAN_LEARNING, 0);
                    if (settings.firstSourcePort() != 0) {
                        data.attribute(IFLA_VXLAN_PORT_RANGE, range -> range.u16be(settings.firstSourcePort()).u16be(settings.lastSourcePort() + 1));
                    }
                    if (local instanceof Inet4Address) {
                        data.attribute(IFLA_VXLAN_LOCAL, local).attribute8(IFLA_VXLAN_DF, VXLAN_DF_SET).attribute8(IFLA_VXLAN_UDP_CSUM, 0);
                    } else {
                        data.attribute(IFLA_VXLAN_LOCAL6, local);
                    }
                })));
    }

    /** Makes a veth pair: one end here, the other in another namespace. */
    public void createVeth(String name, String peerName, MacAddress peerMac, int mtu, int peerNamespaceFd) {
        createVeth(create("make veth " + name + " and " + peerName, name), peerName, peerMac, mtu, peerNamespaceFd);
    }

    /** The same, and this end has a MAC that is not drawn. */
    public void createVeth(String name, MacAddress mac, String peerName, MacAddress peerMac, int mtu, int peerNamespaceFd) {
        createVeth(create("make veth " + name + " and " + peerName, name).attribute(IFLA_ADDRESS, mac.octets()), peerName, peerMac, mtu,
                peerNamespaceFd);
    }

    private void createVeth(NetlinkMessage creation, String peerName, MacAddress peerMac, int mtu, int peerNamespaceFd) {
        socket.request(creation.attribute32(IFLA_MTU, mtu)
                .nested(IFLA_LINKINFO, info -> info.attribute(IFLA_INFO_KIND, "veth")
                        .nested(IFLA_INFO_DATA, data -> data.nested(VETH_INFO_PEER, peer -> ifinfomsg(peer, 0, 0, 0)
                                .attribute(IFLA_IFNAME, peerName).attribute32(IFLA_MTU, mtu).attribute(IFLA_ADDRESS, peerMac.octets())
                                .attribute32(IFLA_NET_NS_FD, peerNamespaceFd)))));
    }

    /** Nothing happens when it is gone: the end of a veth pair goes whenever the kernel gets to the namespace of the other one. */
    public void delete(Link link) {
        try {
            socket.request(header(RTM_DELLINK, NetlinkMessage.NLM_F_ACK, link.index(), 0, 0, "remove interface " + link.name()));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    public void up(Link link) {
        socket.request(header(RTM_SETLINK, NetlinkMessage.NLM_F_ACK, link.index(), IFF_UP, IFF_UP, "bring up " + link.name()));
    }

    public void setMtu(Link link, int mtu) {
        change(link, "set MTU " + mtu + " of " + link.name(), message -> message.attribute32(IFLA_MTU, mtu));
    }

    /** @param bytes of the longest super-frame that the interface shall be given, headers included; up to 65,536 */
    public void setLongestSuperFrame(Link link, int bytes) {
        change(link, "set gso_max_size " + bytes + " of " + link.name(), message -> message.attribute32(IFLA_GSO_MAX_SIZE, bytes));
    }

    /** @param packets that may wait to be sent; of a tap: to be read by who has its other end */
    public void setQueueLength(Link link, int packets) {
        change(link, "set queue length " + packets + " of " + link.name(), message -> message.attribute32(IFLA_TXQLEN, packets));
    }

    public void setMac(Link link, MacAddress mac) {
        change(link, "set MAC " + mac + " of " + link.name(), message -> message.attribute(IFLA_ADDRESS, mac.octets()));
    }

    public void setMaster(Link link, Link bridge) {
        change(link, "make " + link.name() + " a port of " + bridge.name(), message -> message.attribute32(IFLA_MASTER, bridge.index()));
    }

    /** Says what the bridge shall do at the port that the link is. */
    public void setPort(Link link, BridgePort port) {
        change(link, "set bridge port " + link.name(), message -> message.nested(IFLA_LINKINFO, info -> info
                .attribute(IFLA_INFO_SLAVE_KIND, "bridge").nested(IFLA_INFO_SLAVE_DATA, data -> data
                        .attribute8(IFLA_BRPORT_LEARNING, bit(port.learning()))
                        .attribute8(IFLA_BRPORT_UNICAST_FLOOD, bit(port.floodUnicast()))
                        .attribute8(IFLA_BRPORT_MCAST_FLOOD, bit(port.floodMulticast()))
                        .attribute8(IFLA_BRPORT_BCAST_FLOOD, bit(port.floodBroadcast()))
                        .attribute8(IFLA_BRPORT_NEIGH_SUPPRESS, bit(port.suppress()))
                        .attribute8(IFLA_BRPORT_LOCKED, bit(port.locked()))
                        .attribute8(IFLA_BRPORT_ISOLATED, bit(port.isolated())))));
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }

    /** RTM_NEWLINK without NLM_F_CREATE: RTM_SETLINK would not take IFLA_LINKINFO. */
    private void change(Link link, String what, Consumer<NetlinkMessage> attributes) {
        NetlinkMessage message = header(RTM_NEWLINK, NetlinkMessage.NLM_F_ACK, link.index(), 0, 0, what);
        attributes.accept(message);
        socket.request(message);
    }

    private static NetlinkMessage create(String what, String name) {
        return header(RTM_NEWLINK, CREATE, 0, 0, 0, what).attribute(IFLA_IFNAME, name);
    }

    static NetlinkMessage header(int type, int flags, int index, int linkFlags, int changed, String what) {
        return ifinfomsg(new NetlinkMessage(type, flags, what), index, linkFlags, changed);
    }

    private static NetlinkMessage ifinfomsg(NetlinkMessage message, int index, int flags, int changed) {
        return message.u8(0).u8(0).u16(0).u32(index).u32(flags).u32(changed);
    }
}
