package dev.weft.ffm.xfrm;

import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkMessage;
import dev.weft.ffm.netlink.NetlinkReply;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The IPsec policies for UDP of a network namespace: the one in which the socket was opened. Thread-safe as the socket is.
 *
 * <pre>
 *   xfrm_userpolicy_info   selector 56 | lifetimes 96 | priority 4 | index 4 | dir 1 | action 1 | flags 1 | share 1 | padding 4
 *   xfrm_selector          daddr 16 | saddr 16 | dport, mask 2 + 2 | sport, mask 2 + 2 | family 2 | prefixlen_d 1 | prefixlen_s 1
 *                          | proto 1 | padding 3 | ifindex 4 | user 4
 *   xfrm_user_tmpl         id 24 | family 2 | padding 2 | saddr 16 | reqid 4 | mode 1 | share 1 | optional 1 | padding 1
 *                          | aalgos, ealgos, calgos 4 + 4 + 4
 * </pre>
 */
public final class PolicyTable {

    private static final int XFRM_MSG_DELPOLICY = 0x14;
    private static final int XFRM_MSG_GETPOLICY = 0x15;
    private static final int XFRM_MSG_UPDPOLICY = 0x19;
    private static final int XFRMA_TMPL = 5;
    private static final int INFO = 168;
    private static final int SOURCE = 16;
    private static final int PORTS = 32;
    private static final int FAMILY = 40;
    private static final int PROTOCOL = 44;
    private static final int PRIORITY = Xfrm.SELECTOR + Xfrm.LIFETIMES;
    private static final int DIRECTION = PRIORITY + 8;
    private static final int ACTION = DIRECTION + 1;
    private static final int TEMPLATE_REQID = 44;
    private static final int ALLOW = 0;
    private static final int BLOCK = 1;
    private static final byte UDP = 17;
    private static final int WHOLE = 0xffff;

    private final NetlinkSocket socket;

    /** @param socket of NETLINK_XFRM */
    public PolicyTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Those for UDP of a direction that is in or out, whoever made them. */
    public List<Policy> list() {
        return socket.query(new NetlinkMessage(XFRM_MSG_GETPOLICY, NetlinkMessage.NLM_F_DUMP, "list IPsec policies")).stream()
                .filter(reply -> reply.u8(PROTOCOL) == UDP && reply.u8(DIRECTION) < Policy.Direction.values().length).map(PolicyTable::read).toList();
    }

    private static Policy read(NetlinkReply reply) {
        int family = reply.u16(FAMILY);
        byte[] template = reply.attributes(INFO).bytes(XFRMA_TMPL).orElse(new byte[0]);
        boolean esp = template.length > TEMPLATE_REQID;
        Policy.Action action = reply.u8(ACTION) == BLOCK ? Policy.Action.BLOCK : esp ? Policy.Action.ESP : Policy.Action.ALLOW;
        return new Policy(Policy.Direction.values()[reply.u8(DIRECTION)], Xfrm.address(reply, SOURCE, family), Xfrm.address(reply, 0, family),
                port(reply, PORTS + 4), port(reply, PORTS), reply.u32(PRIORITY), action,
                esp ? ByteBuffer.wrap(template).order(ByteOrder.nativeOrder()).getInt(TEMPLATE_REQID) : 0);
    }

    private static int port(NetlinkReply reply, int offset) {
        return Short.reverseBytes((short) reply.u16(offset)) & WHOLE;
    }

    /** Adds a policy, or replaces the one with the same direction, addresses and ports. */
    public void put(Policy policy) {
        NetlinkMessage message = new NetlinkMessage(XFRM_MSG_UPDPOLICY, NetlinkMessage.NLM_F_ACK, "set " + describe(policy));
        selector(message, policy);
        Xfrm.lifetimes(message, Xfrm.UNLIMITED, Xfrm.UNLIMITED, Xfrm.UNLIMITED).u32(policy.priority()).u32(0).u8(policy.direction().ordinal())
                .u8(policy.action() == Policy.Action.BLOCK ? BLOCK : ALLOW).u8(0).u8(0).zeros(4);
        if (policy.action() == Policy.Action.ESP) {
            message.attribute(XFRMA_TMPL, template -> template.zeros(16 + 4).u8(Xfrm.ESP).zeros(3)
                    .u16(Xfrm.family(policy.destination())).zeros(2 + 16).u32(policy.reqid()).u8(Xfrm.MODE_TRANSPORT).zeros(3)
                    .u32(-1).u32(-1).u32(-1));
        }
        socket.request(message);
    }

    /** Takes a policy away. Nothing happens when it is not there. */
    public void remove(Policy policy) {
        NetlinkMessage message = new NetlinkMessage(XFRM_MSG_DELPOLICY, NetlinkMessage.NLM_F_ACK, "remove " + describe(policy));
        selector(message, policy).u32(0).u8(policy.direction().ordinal()).zeros(3);
        try {
            socket.request(message);
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static NetlinkMessage selector(NetlinkMessage message, Policy policy) {
        Xfrm.address(message, policy.destination());
        return Xfrm.address(message, policy.source())
                .u16be(policy.destinationPort()).u16(policy.destinationPort() == 0 ? 0 : WHOLE)
                .u16be(policy.sourcePort()).u16(policy.sourcePort() == 0 ? 0 : WHOLE)
                .u16(Xfrm.family(policy.destination())).u8(prefix(policy.destination())).u8(prefix(policy.source()))
                .u8(UDP).zeros(3 + 4 + 4);
    }

    private static int prefix(InetAddress address) {
        return address.isAnyLocalAddress() ? 0 : address.getAddress().length * Byte.SIZE;
    }

    private static String describe(Policy policy) {
        return "the IPsec policy " + policy.direction() + " for UDP " + policy.source().getHostAddress() + " port " + policy.sourcePort() + " to "
                + policy.destination().getHostAddress() + " port " + policy.destinationPort();
    }
}
