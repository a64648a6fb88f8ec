package dev.weft.ffm.rtnl;

import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.OptionalInt;

/** The XDP programs of a network namespace's interfaces: of the one in which the socket was opened. */
public final class XdpAttachment {

    private static final int IFLA_XDP = 43;
    private static final int IFLA_XDP_FD = 1;
    private static final int IFLA_XDP_PROG_ID = 4;
    private static final int NONE = -1;

    private final NetlinkSocket socket;

    public XdpAttachment(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** The kernel's number of the program at an interface. */
    public OptionalInt program(int interfaceIndex) {
        return socket.query(header(LinkTable.RTM_GETLINK, interfaceIndex, "look for an XDP program at interface " + interfaceIndex)).stream()
                .map(reply -> reply.attributes(LinkTable.IFINFOMSG).nested(IFLA_XDP).integer(IFLA_XDP_PROG_ID))
                .filter(id -> id.orElse(0) != 0).findFirst().orElse(OptionalInt.empty());
    }

    /**
     * Takes the program away. One that a link holds (bpf(2), BPF_LINK_CREATE) goes with that only.
     *
     * @throws dev.weft.ffm.netlink.NetlinkException EBUSY in that case
     */
    public void detach(int interfaceIndex) {
        socket.request(header(LinkTable.RTM_SETLINK, interfaceIndex, "detach the XDP program of interface " + interfaceIndex)
                .nested(IFLA_XDP, xdp -> xdp.attribute32(IFLA_XDP_FD, NONE)));
    }

    private static NetlinkMessage header(int type, int interfaceIndex, String what) {
        return LinkTable.header(type, NetlinkMessage.NLM_F_ACK, interfaceIndex, 0, 0, what);
    }
}
