package dev.weft.kernel.nft;

/** TCP SYNs that cross the bridge announce no larger segments than fit the network's MTU (RFC 9293, 3.7.1). */
final class SegmentClamp {

    private static final int BRIDGE_FORWARD = 2;
    private static final int PRIORITY_FILTER = -200;
    private static final byte TCP = 6;
    private static final byte SYN = 0x02;
    private static final int TCP_FLAGS = 13;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV4_HEADERS = 40;
    private static final int IPV6_HEADERS = 60;

    private SegmentClamp() {
    }

    static void add(Ruleset rules, int mtu) {
        rules.chain("clamp", "filter", BRIDGE_FORWARD, PRIORITY_FILTER);
        rules.rule("clamp", clamp(EtherType.IPV4, IPV4_PROTOCOL, mtu - IPV4_HEADERS));
        rules.rule("clamp", clamp(EtherType.IPV6, IPV6_NEXT_HEADER, mtu - IPV6_HEADERS));
    }

    private static Expressions clamp(byte[] etherType, int protocolOffset, int most) {
        byte[] value = {(byte) (most >> 8), (byte) most};
        return new Expressions().meta(MetaKey.PROTOCOL).is(etherType)
                .payload(Expressions.NETWORK_HEADER, protocolOffset, 1).is(TCP)
                .payload(Expressions.TRANSPORT_HEADER, TCP_FLAGS, 1).mask(SYN).compare(Comparison.NOT_EQUAL, (byte) 0)
                .readMss().compare(Comparison.GREATER, value).immediate(value).writeMss();
    }
}
