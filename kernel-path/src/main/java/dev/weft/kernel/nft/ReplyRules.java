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
 *   inet IFNAME      asked (prerouting)    the connection's mark becomes the last four bytes of the sender's MAC; who asks by UDP is remembered
 *                    chosen (output)       what goes by UDP to who has asked gets the source that he has asked
 *                    answered (output)     an answer's mark becomes that of its connection
 *   netdev IFNAME    back (egress)         the frame goes to 02:42 and the mark
 * </pre>
 * A UDP server that is bound to no address leaves it to the route which source its answer has, and a default route of another interface (that
 * of the gateway bridge) makes it the wrong one. So its answers get the right one before conntrack looks at them, and are routed anew by it.
 * Only what goes from the port that was asked to the port that has asked is touched: what the same server asks others leaves as it did.
 */
public final class ReplyRules {

    /** Milliseconds; no shorter than conntrack remembers a flow of UDP that has had an answer. */
    private static final long REMEMBERED = 180_000;
    private static final int MOST_REMEMBERED = 65_536;
    private static final String CLIENTS = "clients";
    private static final int PREROUTING = 0;
    private static final int OUTPUT = 3;
    /** Before conntrack (-200). */
    private static final int PRIORITY_RAW = -300;
    /** Behind conntrack (-200). */
    private static final int PRIORITY_MANGLE = -150;
    private static final int DESTINATION_MAC = 0;
    private static final int SOURCE_MAC = 6;
    private static final byte[] PREFIX = {0x02, 0x42};
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_SOURCE = 8;
    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final byte UDP = 17;

    private ReplyRules() {
    }

    /** Makes the rules so in the namespace that the socket is of. @param addresses of the interface */
    public static void reconcile(NetlinkSocket socket, Link link, List<InetAddress> addresses) {
        Ruleset marks = new Ruleset(Ruleset.INET, link.name());
        marks.chain("asked", "filter", PREROUTING, PRIORITY_MANGLE);
        marks.rule("asked", new Expressions().from(link.name()).connection(CtKey.DIRECTION).is(CtKey.ORIGINAL)
                .payload(Expressions.LINK_HEADER, SOURCE_MAC, PREFIX.length).is(PREFIX)
                .payload(Expressions.LINK_HEADER, SOURCE_MAC + PREFIX.length, Integer.BYTES).setConnection(CtKey.MARK));
        chooseSource(marks, link, addresses);
        marks.chain("answered", "filter", OUTPUT, PRIORITY_MANGLE);
        for (InetAddress address : addresses) {
            boolean ipv4 = address instanceof Inet4Address;
            byte[] source = address.getAddress();
            marks.rule("answered", new Expressions().meta(MetaKey.NFPROTO).is((byte) (ipv4 ? Ruleset.IPV4 : Ruleset.IPV6))
                    .payload(Expressions.NETWORK_HEADER, ipv4 ? IPV4_SOURCE : IPV6_SOURCE, source.length).is(source)
                    .connection(CtKey.DIRECTION).is(CtKey.REPLY)
                    .connection(CtKey.MARK).setMeta(MetaKey.MARK));
        }
        marks.apply(socket);
        Ruleset frames = new Ruleset(Ruleset.NETDEV, link.name());
        frames.egressChain("back", link.name(), link.index());
        frames.rule("back", new Expressions().meta(MetaKey.MARK).compare(Comparison.NOT_EQUAL, new byte[Integer.BYTES])
                .write(Expressions.LINK_HEADER, DESTINATION_MAC + PREFIX.length, Integer.BYTES)
                .immediate(PREFIX).write(Expressions.LINK_HEADER, DESTINATION_MAC, PREFIX.length));
        frames.apply(socket);
    }

    /** The ingress network has IPv4 addresses, and an interface one of them. */
    private static void chooseSource(Ruleset rules, Link link, List<InetAddress> addresses) {
        rules.memory(CLIENTS, 3 * Integer.BYTES, MOST_REMEMBERED);
        rules.rule("asked", client(udp().from(link.name()), IPV4_SOURCE, SOURCE_PORT, DESTINATION_PORT).remember(CLIENTS, REMEMBERED));
        rules.chain("chosen", "route", OUTPUT, PRIORITY_RAW);
        addresses.stream().filter(Inet4Address.class::isInstance).findFirst().map(InetAddress::getAddress).ifPresent(source ->
                rules.rule("chosen", client(udp().payload(Expressions.NETWORK_HEADER, IPV4_SOURCE, source.length)
                        .compare(Comparison.NOT_EQUAL, source), IPV4_DESTINATION, DESTINATION_PORT, SOURCE_PORT).isIn(CLIENTS)
                        .immediate(source).writeIpv4Source()));
    }

    private static Expressions udp() {
        return new Expressions().meta(MetaKey.NFPROTO).is((byte) Ruleset.IPV4).meta(MetaKey.L4PROTO).is(UDP);
    }

    /** His address, his port and the server's, each in a register. */
    private static Expressions client(Expressions rule, int address, int port, int serverPort) {
        return rule.payload(Expressions.NETWORK_HEADER, address, Integer.BYTES)
                .payload(Expressions.TRANSPORT_HEADER, port, Short.BYTES, Expressions.NEXT_REGISTER)
                .payload(Expressions.TRANSPORT_HEADER, serverPort, Short.BYTES, Expressions.NEXT_REGISTER + 1);
    }

    public static void remove(NetlinkSocket socket, String interfaceName) {
        new Ruleset(Ruleset.INET, interfaceName).remove(socket);
        new Ruleset(Ruleset.NETDEV, interfaceName).remove(socket);
    }
}
