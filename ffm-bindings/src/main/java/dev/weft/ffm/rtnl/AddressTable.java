package dev.weft.ffm.rtnl;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.Attributes;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.List;
import java.util.Optional;

/** The addresses of a namespace's interfaces. struct ifaddrmsg: family 1, prefix 1, flags 1, scope 1, index 4. */
public final class AddressTable {

    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int IFADDRMSG = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    /** No duplicate address detection: the cluster gave the address to nobody else, and DAD would delay it by a second. */
    private static final int IFA_F_NODAD = 2;
    private static final int SCOPE_LINK = 253;

    private final NetlinkSocket socket;

    public AddressTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** All addresses but those that the kernel makes itself (IPv6 link-local). */
    public List<InterfaceAddress> list() {
        NetlinkMessage dump = new NetlinkMessage(RTM_GETADDR, NetlinkMessage.NLM_F_DUMP, "list addresses").u8(0).u8(0).u8(0).u8(0).u32(0);
        return socket.query(dump).stream().filter(reply -> reply.u8(3) != SCOPE_LINK).map(AddressTable::read).flatMap(Optional::stream)
                .toList();
    }

    private static Optional<InterfaceAddress> read(NetlinkReply reply) {
        Attributes attributes = reply.attributes(IFADDRMSG);
        return attributes.address(IFA_LOCAL).or(() -> attributes.address(IFA_ADDRESS))
                .map(address -> new InterfaceAddress(reply.u32(4), address, reply.u8(1)));
    }

    public void add(InterfaceAddress address) {
        socket.request(message(RTM_NEWADDR, NetlinkMessage.NLM_F_CREATE | NetlinkMessage.NLM_F_EXCL | NetlinkMessage.NLM_F_ACK, address,
                "add address " + text(address)));
    }

    /** Nothing happens when it is not there: IPv4 addresses of one subnet go with the first of them. */
    public void remove(InterfaceAddress address) {
        try {
            socket.request(message(RTM_DELADDR, NetlinkMessage.NLM_F_ACK, address, "remove address " + text(address)));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.EADDRNOTAVAIL) {
                throw e;
            }
        }
    }

    private static NetlinkMessage message(int type, int flags, InterfaceAddress address, String what) {
        return new NetlinkMessage(type, flags, what).u8(Family.of(address.address())).u8(address.prefix()).u8(IFA_F_NODAD).u8(0)
                .u32(address.link()).attribute(IFA_LOCAL, address.address()).attribute(IFA_ADDRESS, address.address());
    }

    private static String text(InterfaceAddress address) {
        return address.address().getHostAddress() + "/" + address.prefix();
    }
}
