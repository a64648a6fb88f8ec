package dev.weft.kernel.nft;

import dev.weft.api.MacAddress;
import java.util.List;

/**
 * Packets to a VIP are routed at the node, so that they carry the anycast MAC of the network's gateway, which says nothing about where
 * they come from. In the ingress network backends answer to the node that a packet came by: there it carries the MAC of the node's own
 * gateway endpoint.
 */
final class RoutedSource {

    private static final String CHAIN = "routed";
    private static final int BRIDGE_OUTPUT = 3;
    private static final int SOURCE_MAC = 6;
    private static final int MAC_LENGTH = 6;

    private RoutedSource() {
    }

    static void add(Ruleset rules, MacAddress anycast, MacAddress router) {
        rules.chain(CHAIN, "filter", BRIDGE_OUTPUT, 0);
        for (byte[] etherType : List.of(EtherType.IPV4, EtherType.IPV6)) {
            rules.rule(CHAIN, new Expressions().meta(MetaKey.PROTOCOL).is(etherType)
                    .payload(Expressions.LINK_HEADER, SOURCE_MAC, MAC_LENGTH).is(anycast.octets())
                    .immediate(router.octets()).write(Expressions.LINK_HEADER, SOURCE_MAC, MAC_LENGTH));
        }
    }
}
