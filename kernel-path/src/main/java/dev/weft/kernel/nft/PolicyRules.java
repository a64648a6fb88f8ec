package dev.weft.kernel.nft;

import dev.weft.api.PolicyRule;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which flows between endpoints a network lets through, in a table of its own in the network's namespace. Frames that cross the bridge and
 * packets that were for a VIP meet the same hook, the latter with their backend's address. Conntrack says who has begun the flow; the
 * rules are asked about that side, whichever sends, for each packet again. Any thread may read the counters; one thread writes.
 *
 * <pre>
 *   forward (filter)   ICMP errors about known flows, neighbour discovery: pass
 *                      answers  --> chain answers:  each rule with source and destination exchanged
 *                      the rest --> chain flows:    each rule
 * </pre>
 */
public final class PolicyRules {

    private static final String TABLE = "weft-policy";
    private static final String FLOWS = "flows";
    private static final String ANSWERS = "answers";
    private static final int FORWARD = 2;
    private static final int PRIORITY_FILTER = 0;
    private static final int[] IPV4 = {Ruleset.IPV4, 12, 16, 4};
    private static final int[] IPV6 = {Ruleset.IPV6, 8, 24, 16};
    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final byte ICMPV4 = 1;
    private static final byte ICMPV6 = 58;
    private static final byte ROUTER_SOLICITATION = (byte) 133;
    private static final byte REDIRECT = (byte) 137;
    private static final Map<PolicyRule.Protocol, Byte> PROTOCOLS = Map.of(PolicyRule.Protocol.TCP, (byte) 6, PolicyRule.Protocol.UDP, (byte) 17,
            PolicyRule.Protocol.SCTP, (byte) 132);

    private final NetworkNamespace namespace;
    private List<PolicyState> present;
    /** What rules had counted when the table was last replaced. */
    private final Map<String, Long> before = new HashMap<>();

    public PolicyRules(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /** Makes the rules so; writes nothing when they are. */
    public synchronized void reconcile(NetworkState network) {
        if (network.policies().isEmpty() && present != null && present.isEmpty()) {
            return;
        }
        Map<String, Long> counted = present == null || present.equals(network.policies()) ? Map.of() : read();
        namespace.call(() -> {
            try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                if (network.policies().isEmpty()) {
                    new Ruleset(Ruleset.INET, TABLE).remove(socket);
                } else {
                    ruleset(network.policies()).apply(socket);
                }
            }
            return null;
        });
        counted.forEach((rule, hits) -> before.merge(rule, hits, Long::sum));
        before.keySet().removeIf(rule -> network.policies().stream().noneMatch(policy -> policy.rule().name().equals(rule)));
        present = network.policies();
    }

    private static Ruleset ruleset(List<PolicyState> policies) {
        Ruleset rules = new Ruleset(Ruleset.INET, TABLE);
        rules.chain(FLOWS);
        rules.chain(ANSWERS);
        rules.chain("policy", "filter", FORWARD, PRIORITY_FILTER);
        for (int i = 0; i < policies.size(); i++) {
            for (int[] family : new int[][] {IPV4, IPV6}) {
                add(rules, policies.get(i), i, family);
            }
        }
        rules.rule("policy", new Expressions().isRelated().accept());
        rules.rule("policy", new Expressions().meta(MetaKey.L4PROTO).is(ICMPV6).payload(Expressions.TRANSPORT_HEADER, 0, 1)
                .compare(Comparison.GREATER_OR_EQUAL, ROUTER_SOLICITATION).compare(Comparison.LESS_OR_EQUAL, REDIRECT).accept());
        rules.rule("policy", new Expressions().isAnswer().goTo(ANSWERS));
        rules.rule("policy", new Expressions().goTo(FLOWS)); // what conntrack does not know is taken for a beginning
        return rules;
    }

    private static void add(Ruleset rules, PolicyState policy, int number, int[] family) {
        String from = "from" + number + "-" + family[0];
        String to = "to" + number + "-" + family[0];
        policy.from().ifPresent(named -> rules.set(from, family[3], of(named, family)));
        policy.to().ifPresent(named -> rules.set(to, family[3], of(named, family)));
        rules.rule(FLOWS, rule(policy, from, family[1], to, family[2], DESTINATION_PORT, family));
        rules.rule(ANSWERS, rule(policy, from, family[2], to, family[1], SOURCE_PORT, family));
    }

    private static List<byte[]> of(Set<InetAddress> addresses, int[] family) {
        return addresses.stream().filter(address -> address instanceof Inet4Address == (family == IPV4)).map(InetAddress::getAddress)
                .sorted(java.util.Arrays::compare).toList();
    }

    /** @param fromAt where the address of who begins the flow stands, @param toAt of whom it goes to, @param portAt the port it goes to */
    private static Expressions rule(PolicyState policy, String from, int fromAt, String to, int toAt, int portAt, int[] family) {
        Expressions rule = new Expressions().meta(MetaKey.NFPROTO).is((byte) family[0]);
        if (policy.from().isPresent()) {
            rule.payload(Expressions.NETWORK_HEADER, fromAt, family[3]).isIn(from);
        }
        if (policy.to().isPresent()) {
            rule.payload(Expressions.NETWORK_HEADER, toAt, family[3]).isIn(to);
        }
        PolicyRule said = policy.rule();
        if (said.protocol() != PolicyRule.Protocol.ANY) {
            rule.meta(MetaKey.L4PROTO).is(PROTOCOLS.getOrDefault(said.protocol(), family == IPV4 ? ICMPV4 : ICMPV6));
        }
        if (said.hasPorts()) {
            rule.payload(Expressions.TRANSPORT_HEADER, portAt, Short.BYTES).compare(Comparison.GREATER_OR_EQUAL, port(said.firstPort()))
                    .compare(Comparison.LESS_OR_EQUAL, port(said.lastPort()));
        }
        rule.count();
        return said.action() == PolicyRule.Action.ALLOW ? rule.accept() : rule.drop();
    }

    private static byte[] port(int port) {
        return new byte[] {(byte) (port >> 8), (byte) port};
    }

    /** Packets that each rule has decided about, in the order of the rules. */
    public synchronized Map<PolicyRule, Long> hits() {
        Map<PolicyRule, Long> hits = new LinkedHashMap<>();
        if (present != null && !present.isEmpty()) {
            Map<String, Long> now = read();
            present.forEach(policy -> hits.put(policy.rule(), now.get(policy.rule().name()) + before.getOrDefault(policy.rule().name(), 0L)));
        }
        return hits;
    }

    /** Two families and two directions of each rule. */
    private Map<String, Long> read() {
        Map<String, Long> hits = new HashMap<>();
        if (!present.isEmpty()) {
            namespace.call(() -> {
                try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER)) {
                    Ruleset rules = new Ruleset(Ruleset.INET, TABLE);
                    for (String chain : List.of(FLOWS, ANSWERS)) {
                        List<Long> counts = rules.counts(socket, chain);
                        for (int i = 0; i < 2 * present.size(); i++) {
                            hits.merge(present.get(i / 2).rule().name(), i < counts.size() ? counts.get(i) : 0, Long::sum);
                        }
                    }
                }
                return null;
            });
        }
        return hits;
    }
}
