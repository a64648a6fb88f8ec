package dev.weft.kernel.nft;

import dev.weft.api.wire.Icmpv6;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * What comes in by an endpoint's port has one of its addresses as the source, in IP and in ARP; neighbour discovery also comes from
 * link-local addresses and from none, but claims no address of another's, and only who routes speaks as a router (RFC 6105). (Its MAC is
 * kept by the bridge itself: the port is locked.) Nothing with a VLAN tag comes in, from other nodes either (RFC 7348, 6.1): Linux takes a
 * frame of VLAN 0 like one without a tag, but neither these rules nor policies would see IP in it.
 */
public final class EndpointGuard {

    private static final int BRIDGE_PREROUTING = 0;
    /** Before br_netfilter (0), which would have translated the destination by then. */
    private static final int PRIORITY_FIRST = -300;
    /** In the frame as it came: the kernel keeps an outer tag beside the packet, and nf_tables puts it back for this look. */
    private static final int ETHER_TYPE = 12;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int ARP_SENDER = 14;
    /** Of neighbour discovery (RFC 4861, 4.4). */
    private static final int TARGET = 8;
    private static final byte ICMPV6 = 58;
    private static final byte[] LINK_LOCAL = {(byte) 0xfe, (byte) 0x80};
    private static final byte[] LINK_LOCAL_MASK = {(byte) 0xff, (byte) 0xc0};

    /** A port of the bridge and the addresses of the endpoint behind it. @param routes whether IP packets from it have any source */
    public record Port(String name, List<InetAddress> addresses, boolean routes) {
        public Port {
            addresses = List.copyOf(addresses);
        }

        /** One that sends from these addresses only. */
        public Port(String name, List<InetAddress> addresses) {
            this(name, addresses, false);
        }
    }

    private EndpointGuard() {
    }

    static void add(Ruleset rules, List<Port> ports) {
        rules.chain("guard", "filter", BRIDGE_PREROUTING, PRIORITY_FIRST);
        for (byte[] tag : List.of(EtherType.TAG, EtherType.SERVICE_TAG)) {
            rules.rule("guard", new Expressions().payload(Expressions.LINK_HEADER, ETHER_TYPE, tag.length).is(tag).count().drop());
        }
        for (Port port : ports) {
            claims(rules, port);
            for (InetAddress address : port.addresses()) {
                byte[] bytes = address.getAddress();
                if (address instanceof Inet4Address) {
                    rules.rule("guard", source(port, EtherType.IPV4, IPV4_SOURCE, bytes).accept());
                    rules.rule("guard", source(port, EtherType.ARP, ARP_SENDER, bytes).accept());
                } else {
                    rules.rule("guard", source(port, EtherType.IPV6, IPV6_SOURCE, bytes).accept());
                }
            }
            rules.rule("guard", source(port, EtherType.ARP, ARP_SENDER, new byte[4]).accept()); // a probe: RFC 5227, 1.1
            rules.rule("guard", discovery(port).payload(Expressions.NETWORK_HEADER, IPV6_SOURCE, LINK_LOCAL.length).mask(LINK_LOCAL_MASK)
                    .is(LINK_LOCAL).accept());
            rules.rule("guard", discovery(port).payload(Expressions.NETWORK_HEADER, IPV6_SOURCE, 16).is(new byte[16]).accept());
            for (byte[] etherType : port.routes() ? List.of(EtherType.ARP) : List.of(EtherType.IPV4, EtherType.ARP, EtherType.IPV6)) {
                rules.rule("guard", protocol(port, etherType).count().drop());
            }
        }
    }

    /** Who hears that an address has a MAC believes it, and Linux takes its default route from any router advertisement (accept_ra). */
    private static void claims(Ruleset rules, Port port) {
        Expressions others = message(port, Icmpv6.NEIGHBOR_ADVERTISEMENT).payload(Expressions.TRANSPORT_HEADER, TARGET, LINK_LOCAL.length)
                .mask(LINK_LOCAL_MASK).compare(Comparison.NOT_EQUAL, LINK_LOCAL);
        port.addresses().stream().filter(Inet6Address.class::isInstance).map(InetAddress::getAddress).forEach(own ->
                others.payload(Expressions.TRANSPORT_HEADER, TARGET, own.length).compare(Comparison.NOT_EQUAL, own));
        rules.rule("guard", others.count().drop());
        if (!port.routes()) {
            rules.rule("guard", message(port, Icmpv6.ROUTER_ADVERTISEMENT).count().drop());
            rules.rule("guard", message(port, Icmpv6.REDIRECT).count().drop());
        }
    }

    /** Behind whatever extension headers. */
    private static Expressions message(Port port, int type) {
        return protocol(port, EtherType.IPV6).meta(MetaKey.L4PROTO).is(ICMPV6).payload(Expressions.TRANSPORT_HEADER, 0, 1).is((byte) type);
    }

    private static Expressions protocol(Port port, byte[] etherType) {
        return new Expressions().from(port.name()).meta(MetaKey.PROTOCOL).is(etherType);
    }

    private static Expressions source(Port port, byte[] etherType, int offset, byte[] address) {
        return protocol(port, etherType).payload(Expressions.NETWORK_HEADER, offset, address.length).is(address);
    }

    private static Expressions discovery(Port port) {
        return protocol(port, EtherType.IPV6).payload(Expressions.NETWORK_HEADER, IPV6_NEXT_HEADER, 1).is(ICMPV6);
    }
}
