package dev.weft.kernel.nft;

import dev.weft.api.path.ServiceState;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * A new connection to a VIP becomes one to a backend: a slot is drawn, or follows from the client, or is the next one ({@link LeastRules}),
 * and what stands there is the destination. Nothing is said of a VIP without backends. A connection that is there stays as conntrack has
 * it. What is no SYN and of no connection that conntrack knows is not translated (conntrack would take it up in the middle and give it any
 * backend): it ends at the bridge, whose address the VIP is, and the kernel answers with a RST.
 */
final class VipRules {

    static final String CHAIN = "vips";

    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;
    private static final int SOURCE_PORT = 0;
    private static final int TCP_FLAGS = 13;
    private static final byte FIN_SYN_RST_ACK = 0x17;
    private static final byte SYN = 0x02;
    private static final byte TCP = 6;
    private static final byte UDP = 17;

    private VipRules() {
    }

    /** @param number the service's, which no other one has */
    static void add(Ruleset rules, ServiceState service, int number, IntFunction<int[]> sequences) {
        int[] slots = service.spread().slots(service.backends());
        if (slots.length == 0) {
            return;
        }
        if (service.spread().isByLeastConnections()) {
            LeastRules.add(rules, service, number, sequences.apply(number));
            for (byte protocol : new byte[] {TCP, UDP}) {
                rules.rule(CHAIN, begins(service.vip(), protocol).goTo(LeastRules.chain(number)));
            }
            return;
        }
        String map = "backends" + number;
        rules.map(map, Arrays.stream(slots).mapToObj(backend -> service.backends().get(backend).getAddress()).toList());
        for (byte protocol : new byte[] {TCP, UDP}) {
            rules.rule(CHAIN, slot(begins(service.vip(), protocol), service, slots.length).lookUp(map).translateDestination(family(service.vip())));
        }
    }

    static int family(InetAddress vip) {
        return vip instanceof Inet4Address ? Ruleset.IPV4 : Ruleset.IPV6;
    }

    /** A packet for the VIP; of TCP a SYN. */
    private static Expressions begins(InetAddress vip, byte protocol) {
        byte[] address = vip.getAddress();
        Expressions rule = new Expressions().meta(MetaKey.NFPROTO).is((byte) family(vip))
                .payload(Expressions.NETWORK_HEADER, vip instanceof Inet4Address ? IPV4_DESTINATION : IPV6_DESTINATION, address.length).is(address)
                .meta(MetaKey.L4PROTO).is(protocol);
        return protocol == TCP ? rule.payload(Expressions.TRANSPORT_HEADER, TCP_FLAGS, 1).mask(FIN_SYN_RST_ACK).is(SYN) : rule;
    }

    /** Addresses fill whole registers of 4 bytes; the port has one of its own behind them, the rest of it zero. */
    private static Expressions slot(Expressions rule, ServiceState service, int slots) {
        int address = service.vip().getAddress().length;
        int source = address == Integer.BYTES ? IPV4_SOURCE : IPV6_SOURCE;
        if (!service.spread().isByClient()) {
            return rule.random(slots);
        }
        rule.payload(Expressions.NETWORK_HEADER, source, address);
        if (service.spread().affinity()) {
            return rule.hash(address, slots);
        }
        return rule.payload(Expressions.TRANSPORT_HEADER, SOURCE_PORT, Short.BYTES, Expressions.REGISTER + address / Integer.BYTES)
                .hash(address + Integer.BYTES, slots);
    }
}
