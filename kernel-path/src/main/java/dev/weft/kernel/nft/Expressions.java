package dev.weft.kernel.nft;

import dev.weft.ffm.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * The expressions of one rule, in the order in which the kernel evaluates them; each writes itself into a message. Registers are
 * the 32-bit ones, of which a value takes as many as it needs.
 */
final class Expressions {

    static final int REGISTER = 8;
    static final int NEXT_REGISTER = 9;
    /** Behind an IPv6 address in the registers before it. */
    static final int PORT_REGISTER = 12;
    static final int LINK_HEADER = 0;
    static final int NETWORK_HEADER = 1;
    static final int TRANSPORT_HEADER = 2;

    private static final int NFTA_LIST_ELEM = 1;
    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int VERDICT_REGISTER = 0;
    private static final int VERDICT_DROP = 0;
    private static final int VERDICT_ACCEPT = 1;
    private static final int VERDICT_GOTO = -4;
    private static final int NUMGEN_INCREMENT = 0;
    private static final int NUMGEN_RANDOM = 1;
    private static final int HASH_JENKINS = 0;
    /** Any; the same after a restart, so that clients get the same backends. */
    private static final int HASH_SEED = 0x5745_4654;
    private static final int DESTINATION_NAT = 1;
    private static final int LOOKUP_INVERTED = 1;
    private static final int UPDATE = 1;
    private static final int FIB_ADDRESS_TYPE = 3;
    private static final int FIB_DESTINATION = 2;
    private static final int RTN_LOCAL = 2;
    private static final int ROUTE_XFRM = 4;
    private static final int XFRM_REQID = 5;
    private static final int XFRM_IN = 0;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_CHECKSUM = 10;
    private static final int CHECKSUM_INET = 1;
    /** The transport's checksum covers it, too. */
    private static final int PSEUDO_HEADER = 1;
    private static final int TCP_OPTION = 1;
    private static final int TCP_OPTION_MSS = 2;
    /** IFNAMSIZ: a name fills that many bytes, of four registers. */
    static final int INTERFACE_NAME = 16;

    private final List<Consumer<NetlinkMessage>> all = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    /** What was said, for telling one ruleset from another. */
    String text() {
        return text.toString();
    }

    void write(NetlinkMessage message) {
        all.forEach(expression -> expression.accept(message));
    }

    private Expressions add(String name, String description, Consumer<NetlinkMessage> data) {
        text.append(name).append(' ').append(description).append("; ");
        all.add(message -> message.nested(NFTA_LIST_ELEM, element -> element.attribute(NFTA_EXPR_NAME, name)
                .nested(NFTA_EXPR_DATA, data)));
        return this;
    }

    Expressions meta(int key) {
        return add("meta", "" + key, data -> data.attribute32be(1, REGISTER).attribute32be(2, key));
    }

    Expressions payload(int base, int offset, int length) {
        return payload(base, offset, length, REGISTER);
    }

    Expressions payload(int base, int offset, int length, int register) {
        return add("payload", base + " " + offset + " " + length + " " + register, data -> data.attribute32be(1, register)
                .attribute32be(2, base).attribute32be(3, offset).attribute32be(4, length));
    }

    Expressions meta(int key, byte... value) {
        return meta(key).is(value);
    }

    /** Gives the packet what the register holds. */
    Expressions setMeta(int key) {
        return add("meta", "set " + key, data -> data.attribute32be(2, key).attribute32be(3, REGISTER));
    }

    /** Gives the packet's connection what the register holds. */
    Expressions setConnection(int key) {
        return add("ct", "set " + key, data -> data.attribute32be(2, key).attribute32be(4, REGISTER));
    }

    /** Writes what the register holds into the packet; no checksum covers it. */
    Expressions write(int base, int offset, int length) {
        return add("payload", "write " + base + " " + offset + " " + length, data -> data.attribute32be(5, REGISTER)
                .attribute32be(2, base).attribute32be(3, offset).attribute32be(4, length).attribute32be(6, 0).attribute32be(7, 0));
    }

    /** The source of an IPv4 packet becomes the address that the register holds; all checksums follow. */
    Expressions writeIpv4Source() {
        return add("payload", "source", data -> data.attribute32be(5, REGISTER).attribute32be(2, NETWORK_HEADER).attribute32be(3, IPV4_SOURCE)
                .attribute32be(4, Integer.BYTES).attribute32be(6, CHECKSUM_INET).attribute32be(7, IPV4_CHECKSUM).attribute32be(8, PSEUDO_HEADER));
    }

    /** The destination is an address of this host. */
    Expressions toThisHost() {
        return add("fib", "daddr type local", data -> data.attribute32be(1, REGISTER).attribute32be(2, FIB_ADDRESS_TYPE)
                .attribute32be(3, FIB_DESTINATION)).is(Ruleset.native32(RTN_LOCAL));
    }

    /** 1 when the packet leaves by an IPsec policy that found its SA, 0 when it leaves as it is. */
    Expressions leavesEncrypted() {
        return add("rt", "ipsec", data -> data.attribute32be(1, REGISTER).attribute32be(2, ROUTE_XFRM));
    }

    /** The request id of the SA that the packet came in by, in host order; a packet that came by none does not match the rule. */
    Expressions cameBy(int register) {
        return add("xfrm", "in reqid " + register, data -> data.attribute32be(1, register).attribute32be(2, XFRM_REQID).attribute8(3, XFRM_IN)
                .attribute32be(4, 0));
    }

    Expressions mask(byte... mask) {
        return add("bitwise", HexFormat.of().formatHex(mask), data -> data.attribute32be(1, REGISTER).attribute32be(2, REGISTER)
                .attribute32be(3, mask.length).nested(4, value -> value.attribute(NFTA_DATA_VALUE, mask))
                .nested(5, value -> value.attribute(NFTA_DATA_VALUE, new byte[mask.length])));
    }

    Expressions compare(int operation, byte... value) {
        return add("cmp", operation + " " + HexFormat.of().formatHex(value), data -> data.attribute32be(1, REGISTER)
                .attribute32be(2, operation).nested(3, nested -> nested.attribute(NFTA_DATA_VALUE, value)));
    }

    Expressions is(byte... value) {
        return compare(Comparison.EQUAL, value);
    }

    /** The frame came in by that interface. */
    Expressions from(String interfaceName) {
        return meta(MetaKey.IIFNAME).is(padded(interfaceName));
    }

    /** It came in by another interface. */
    Expressions notFrom(String interfaceName) {
        return meta(MetaKey.IIFNAME).compare(Comparison.NOT_EQUAL, padded(interfaceName));
    }

    /** It leaves by another interface. */
    Expressions notTo(String interfaceName) {
        return meta(MetaKey.OIFNAME).compare(Comparison.NOT_EQUAL, padded(interfaceName));
    }

    /** The packet leaves by that interface. */
    Expressions to(String interfaceName) {
        return meta(MetaKey.OIFNAME).is(padded(interfaceName));
    }

    static byte[] padded(String interfaceName) {
        return Arrays.copyOf(interfaceName.getBytes(StandardCharsets.US_ASCII), INTERFACE_NAME);
    }

    /** What conntrack knows of the packet's connection: {@link #CtKey.STATE} or {@link #CtKey.STATUS}, bits in host order; {@link #CtKey.MARK}. */
    Expressions connection(int key) {
        return add("ct", "" + key, data -> data.attribute32be(1, REGISTER).attribute32be(2, key));
    }

    /** At least one of the bits is set in the register, which holds an int in host order. */
    Expressions hasAny(int bits) {
        return mask(hostOrder(bits)).compare(Comparison.NOT_EQUAL, new byte[Integer.BYTES]);
    }

    /** None of the bits is. */
    Expressions hasNone(int bits) {
        return mask(hostOrder(bits)).is(new byte[Integer.BYTES]);
    }

    private static byte[] hostOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
    }

    /** The source becomes the address of the interface that the packet leaves by. */
    Expressions masquerade() {
        return add("masq", "", data -> { });
    }

    /** Any number below the modulus, each as likely, in the machine's own order. */
    Expressions random(int modulus) {
        return add("numgen", "" + modulus, data -> data.attribute32be(1, REGISTER).attribute32be(2, modulus).attribute32be(3, NUMGEN_RANDOM));
    }

    /** The numbers below the modulus one after the other, in the machine's own order: 0 for the first packet that a new rule sees. */
    Expressions next(int modulus) {
        return add("numgen", "next " + modulus, data -> data.attribute32be(1, REGISTER).attribute32be(2, modulus)
                .attribute32be(3, NUMGEN_INCREMENT));
    }

    /** A number below the modulus that follows from what the registers hold, in the machine's own order. */
    Expressions hash(int length, int modulus) {
        return add("hash", length + " " + modulus, data -> data.attribute32be(1, REGISTER).attribute32be(2, REGISTER).attribute32be(3, length)
                .attribute32be(4, modulus).attribute32be(5, HASH_SEED).attribute32be(7, HASH_JENKINS));
    }

    /** The register gets what the map has for what it holds. */
    Expressions lookUp(String map) {
        return lookUp(map, REGISTER);
    }

    Expressions lookUp(String map, int register) {
        return add("lookup", "map " + map + " " + register, data -> data.attribute(1, map).attribute32be(2, register).attribute32be(3, register));
    }

    Expressions immediate(byte... value) {
        return add("immediate", HexFormat.of().formatHex(value), data -> data.attribute32be(1, REGISTER)
                .nested(2, nested -> nested.attribute(NFTA_DATA_VALUE, value)));
    }

    /** The register holds the address that the destination becomes. */
    Expressions translateDestination(int family) {
        return add("nat", "" + family, data -> data.attribute32be(1, DESTINATION_NAT).attribute32be(2, family)
                .attribute32be(3, REGISTER).attribute32be(4, REGISTER));
    }

    /** The registers hold the address and the port that the destination becomes. */
    Expressions translateDestinationAndPort(int family) {
        return add("nat", family + " and port", data -> data.attribute32be(1, DESTINATION_NAT).attribute32be(2, family)
                .attribute32be(3, REGISTER).attribute32be(4, REGISTER).attribute32be(5, PORT_REGISTER).attribute32be(6, PORT_REGISTER));
    }

    /** What the registers hold is in the set. */
    Expressions isIn(String set) {
        return add("lookup", "in " + set, data -> data.attribute(1, set).attribute32be(2, REGISTER));
    }

    /** What the registers hold is not in the set. */
    Expressions isNotIn(String set) {
        return add("lookup", set, data -> data.attribute(1, set).attribute32be(2, REGISTER).attribute32be(5, LOOKUP_INVERTED));
    }

    /** Keeps what the registers hold in a set for so long, again and again. A set that is full takes nothing more. */
    Expressions remember(String set, long milliseconds) {
        return add("dynset", set + " " + milliseconds, data -> data.attribute(1, set).attribute32be(3, UPDATE).attribute32be(4, REGISTER)
                .attribute64be(6, milliseconds));
    }

    Expressions readMss() {
        return add("exthdr", "read", data -> data.attribute32be(1, REGISTER).attribute8(2, TCP_OPTION_MSS).attribute32be(3, 2)
                .attribute32be(4, 2).attribute32be(6, TCP_OPTION));
    }

    Expressions writeMss() {
        return add("exthdr", "write", data -> data.attribute8(2, TCP_OPTION_MSS).attribute32be(3, 2).attribute32be(4, 2)
                .attribute32be(6, TCP_OPTION).attribute32be(7, REGISTER));
    }

    /** The packet belongs to a flow that the other side has begun, as conntrack has it. */
    Expressions isAnswer() {
        return connection(CtKey.DIRECTION).is(CtKey.REPLY);
    }

    /** An ICMP error about a flow that conntrack knows. */
    Expressions isRelated() {
        return connection(CtKey.STATE).hasAny(CtKey.STATE_RELATED);
    }

    /** Another chain decides, and this one no more. */
    Expressions goTo(String chain) {
        return add("immediate", "goto " + chain, data -> data.attribute32be(1, VERDICT_REGISTER).nested(2, value -> value
                .nested(NFTA_DATA_VERDICT, verdict -> verdict.attribute32be(1, VERDICT_GOTO).attribute(2, chain))));
    }

    Expressions count() {
        return add("counter", "", data -> data.attribute64be(1, 0).attribute64be(2, 0));
    }

    Expressions drop() {
        return verdict("drop", VERDICT_DROP);
    }

    Expressions accept() {
        return verdict("accept", VERDICT_ACCEPT);
    }

    private Expressions verdict(String name, int code) {
        return add("immediate", name, data -> data.attribute32be(1, VERDICT_REGISTER).nested(2, value -> value
                .nested(NFTA_DATA_VERDICT, verdict -> verdict.attribute32be(1, code))));
    }
}
