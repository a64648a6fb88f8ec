package dev.weft.kernel.nft;

import dev.weft.ffm.netlink.NetlinkSocket;
import dev.weft.ffm.rtnl.Link;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * The rules in a backend's network namespace that send an answer to the node that the question came by. Every node's gateway endpoint has
 * the MAC 02:42 and its IPv4 address, so the last four bytes say which node it is, whatever the client's address, and no list of
 * nodes is needed.
 *
 * <pre>
 *   inet IFNAME      asked (prerouting)    the connection's mark becomes the last four bytes of the sender's MAC
 *                    answered (output)     an answer's mark becomes that of its connection
 *   netdev IFNAME    back (egress)         the frame goes to 02:42 and the mark
 * </pre>
 */
public final class ReplyRules {

    private static final int PREROUTING = 0;
    private static final int OUTPUT = 3;
    /** Behind conntrack (-200). */
    private static final int PRIORITY_MANGLE = -150;
    private static final int DESTINATION_MAC = 0;
    private static final int SOURCE_MAC = 6;
    private static final byte[] PREFIX = {0x02, 0x42};
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;

    private ReplyRules() {
    }

    /** Makes the rules so in the namespace that the socket is of. @param addresses of the interface */
    public static void reconcile(NetlinkSocket socket, Link link, List<InetAddress> addresses) {
        Ruleset marks = new Ruleset(Ruleset.INET, link.name());
        marks.chain("asked", "filter", PREROUTING, PRIORITY_MANGLE);
        marks.rule("asked", new Expressions().from(link.name()).connection(Expressions.CT_DIRECTION).is(Expressions.ORIGINAL)
                .payload(Expressions.LINK_HEADER, SOURCE_MAC, PREFIX.length).is(PREFIX)
                .payload(Expressions.LINK_HEADER, SOURCE_MAC + PREFIX.length, Integer.BYTES).setConnection(Expressions.CT_MARK));
        marks.chain("answered", "filter", OUTPUT, PRIORITY_MANGLE);
        for (InetAddress address : addresses) {
            boolean ipv4 = address instanceof Inet4Address;
            byte[] source = address.getAddress();
            marks.rule("answered", new Expressions().meta(Expressions.META_NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                    .payload(Expressions.NETWORK_HEADER, ipv4 ? IPV4_SOURCE : IPV6_SOURCE, source.length).is(source)
                    .connection(Expressions.CT_DIRECTION).is(Expressions.REPLY)
                    .connection(Expressions.CT_MARK).setMeta(Expressions.META_MARK));
        }
        marks.apply(socket);
        Ruleset frames = new Ruleset(Ruleset.NETDEV, link.name());
        frames.egressChain("back", link.name(), link.index());
        frames.rule("back", new Expressions().meta(Expressions.META_MARK).compare(Expressions.NOT_EQUAL, new byte[Integer.BYTES])
                .write(Expressions.LINK_HEADER, DESTINATION_MAC + PREFIX.length, Integer.BYTES)
                .immediate(PREFIX).write(Expressions.LINK_HEADER, DESTINATION_MAC, PREFIX.length));
        frames.apply(socket);
    }

    public static void remove(NetlinkSocket socket, String interfaceName) {
        new Ruleset(Ruleset.INET, interfaceName).remove(socket);
        new Ruleset(Ruleset.NETDEV, interfaceName).remove(socket);
    }
}
