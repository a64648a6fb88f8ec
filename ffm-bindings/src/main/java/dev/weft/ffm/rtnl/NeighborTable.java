package dev.weft.ffm.rtnl;

import dev.weft.api.MacAddress;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.List;

/**
 * The permanent neighbours and static FDB entries of a namespace; both are RTM_*NEIGH.
 * struct ndmsg: family 1, pad 3, index 4, state 2, flags 1, type 1.
 */
public final class NeighborTable {

    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_DELNEIGH = 29;
    private static final int RTM_GETNEIGH = 30;
    private static final int NDMSG = 12;
    private static final int AF_BRIDGE = 7;
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NUD_NOARP = 0x40;
    private static final int NUD_PERMANENT = 0x80;
    private static final int NTF_SELF = 0x02;
    private static final int NTF_MASTER = 0x04;
    private static final int REPLACE = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_REPLACE | NetlinkMessage.NLM_F_ACK;

    private static final int ADD = NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK;

    private final NetlinkSocket socket;

    public NeighborTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** The permanent neighbours, of both families. */
    public List<Neighbor> neighbors() {
        return dump(0, "list neighbours").stream().filter(reply -> (reply.u16(8) & NUD_PERMANENT) != 0 && reply.u8(0) != AF_BRIDGE)
                .map(reply -> {
                    Attributes attributes = reply.attributes(NDMSG);
                    return new Neighbor(reply.u32(4), attributes.address(NDA_DST).orElseThrow(), mac(attributes));
                }).toList();
    }

    /** One that is not there yet. */
    public void add(Neighbor neighbor) {
        socket.request(neighbor(RTM_NEWNEIGH, ADD, neighbor, "add neighbour " + neighbor.address().getHostAddress()));
    }

    public void put(Neighbor neighbor) {
        socket.request(neighbor(RTM_NEWNEIGH, REPLACE, neighbor, "add neighbour " + neighbor.address().getHostAddress()));
    }

    public void remove(Neighbor neighbor) {
        socket.request(neighbor(RTM_DELNEIGH, NetlinkMessage.NLM_F_ACK, neighbor, "remove neighbour " + neighbor.address().getHostAddress()));
    }

    /** The FDB entries that somebody set: of VXLAN interfaces those with a VTEP, of bridges those at a port. */
    public List<FdbEntry> fdb() {
        return dump(AF_BRIDGE, "list the FDB").stream().filter(NeighborTable::isStatic).map(reply -> {
            Attributes attributes = reply.attributes(NDMSG);
            return new FdbEntry(reply.u32(4), mac(attributes), attributes.address(NDA_DST));
        }).filter(entry -> !entry.mac().isMulticast()).toList();
    }

    /** Entries of the bridge itself (its ports' own MACs) are NUD_PERMANENT; those set as static are NUD_NOARP. */
    private static boolean isStatic(NetlinkReply reply) {
        boolean tunnel = reply.attributes(NDMSG).has(NDA_DST);
        return tunnel ? (reply.u16(8) & (NUD_PERMANENT | NUD_NOARP)) != 0 : (reply.u16(8) & NUD_NOARP) != 0 && (reply.u8(10) & NTF_SELF) == 0;
    }

    /** One that is not there yet. */
    public void add(FdbEntry entry) {
        socket.request(fdb(RTM_NEWNEIGH, ADD, entry, "add FDB entry " + entry.mac()));
    }

    public void put(FdbEntry entry) {
        socket.request(fdb(RTM_NEWNEIGH, REPLACE, entry, "add FDB entry " + entry.mac()));
    }

    public void remove(FdbEntry entry) {
        socket.request(fdb(RTM_DELNEIGH, NetlinkMessage.NLM_F_ACK, entry, "remove FDB entry " + entry.mac()));
    }

    private List<NetlinkReply> dump(int family, String what) {
        return socket.query(header(new NetlinkMessage(RTM_GETNEIGH, NetlinkMessage.NLM_F_DUMP, what), family, 0, 0, 0));
    }

    private static NetlinkMessage neighbor(int type, int flags, Neighbor neighbor, String what) {
        return header(new NetlinkMessage(type, flags, what), Family.of(neighbor.address()), neighbor.link(), NUD_PERMANENT, 0)
                .attribute(NDA_DST, neighbor.address()).attribute(NDA_LLADDR, neighbor.mac().octets());
    }

    private static NetlinkMessage fdb(int type, int flags, FdbEntry entry, String what) {
        boolean tunnel = entry.vtep().isPresent();
        NetlinkMessage message = header(new NetlinkMessage(type, flags, what), AF_BRIDGE, entry.link(),
                tunnel ? NUD_PERMANENT | NUD_NOARP : NUD_NOARP, tunnel ? NTF_SELF : NTF_MASTER).attribute(NDA_LLADDR, entry.mac().octets());
        entry.vtep().ifPresent(vtep -> message.attribute(NDA_DST, vtep));
        return message;
    }

    private static NetlinkMessage header(NetlinkMessage message, int family, int link, int state, int flags) {
        return message.u8(family).u8(0).u16(0).u32(link).u16(state).u8(flags).u8(0);
    }

    private static MacAddress mac(Attributes attributes) {
        return attributes.bytes(NDA_LLADDR).filter(octets -> octets.length == 6).map(MacAddress::of).orElse(new MacAddress(0));
    }
}
