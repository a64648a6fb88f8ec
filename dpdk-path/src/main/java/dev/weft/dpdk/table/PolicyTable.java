package dev.weft.dpdk.table;

import dev.weft.api.PolicyRule;
import dev.weft.api.path.PolicyState;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.IpProtocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The rules of one network for the packet path. Endpoints that the same rules are about are of one class; a class has a bit for each rule
 * that it may be the source of, and one for each that it may be the destination of. What both sides of a flow have in common are the
 * rules to look at, in their order. Immutable but for the hits, which the poller's thread counts; any thread may read.
 */
public final class PolicyTable {

    /** No rule is about the flow. */
    public static final int NONE = PairMap.NONE;
    /** The port of a packet that does not show it. */
    public static final int UNKNOWN_PORT = -1;

    /** Addresses that no rule names. */
    private static final int OTHERS = 0;

    /** @param from rules that such an endpoint may be the source of @param to the destination of */
    private record Sides(BitSet from, BitSet to) {
    }

    private final List<PolicyState> source;
    private final PairMap classes;
    private final long[][] from;
    private final long[][] to;
    private final boolean[] allows;
    private final PolicyRule.Protocol[] protocols;
    private final int[] firstPorts;
    private final int[] lastPorts;
    private final AtomicLong[] hits;

    private PolicyTable(List<PolicyState> source, Map<String, AtomicLong> before) {
        this.source = source;
        List<Sides> all = new ArrayList<>(List.of(sides(_ -> false, source)));
        Map<Sides, Integer> numbers = new HashMap<>(Map.of(all.getFirst(), OTHERS));
        PairMap.Editor byAddress = new PairMap.Editor();
        source.stream().flatMap(rule -> java.util.stream.Stream.of(rule.from(), rule.to())).flatMap(named -> named.stream())
                .flatMap(named -> named.stream()).distinct().forEach(address -> {
                    Sides sides = sides(address::equals, source);
                    byAddress.put(AddressBits.high(address), AddressBits.low(address), numbers.computeIfAbsent(sides, _ -> {
                        all.add(sides);
                        return all.size() - 1;
                    }));
                });
        classes = byAddress.snapshot();
        int words = (source.size() + Long.SIZE - 1) / Long.SIZE;
        from = all.stream().map(sides -> Arrays.copyOf(sides.from().toLongArray(), words)).toArray(long[][]::new);
        to = all.stream().map(sides -> Arrays.copyOf(sides.to().toLongArray(), words)).toArray(long[][]::new);
        List<PolicyRule> rules = source.stream().map(PolicyState::rule).toList();
        allows = new boolean[rules.size()];
        for (int rule = 0; rule < allows.length; rule++) {
            allows[rule] = rules.get(rule).action() == PolicyRule.Action.ALLOW;
        }
        protocols = rules.stream().map(PolicyRule::protocol).toArray(PolicyRule.Protocol[]::new);
        firstPorts = rules.stream().mapToInt(PolicyRule::firstPort).toArray();
        lastPorts = rules.stream().mapToInt(PolicyRule::lastPort).toArray();
        hits = rules.stream().map(rule -> before.getOrDefault(rule.name(), new AtomicLong())).toArray(AtomicLong[]::new);
    }

    /** @param before the network's table until now, which it stays when the rules are the same; null when it had none */
    static PolicyTable of(List<PolicyState> rules, PolicyTable before) {
        if (rules.isEmpty()) {
            return null;
        }
        return before != null && before.source.equals(rules) ? before : new PolicyTable(rules, before == null ? Map.of() : before.counters());
    }

    private static Sides sides(Predicate<InetAddress> is, List<PolicyState> rules) {
        BitSet from = new BitSet();
        BitSet to = new BitSet();
        for (int rule = 0; rule < rules.size(); rule++) {
            from.set(rule, rules.get(rule).from().map(named -> named.stream().anyMatch(is)).orElse(true));
            to.set(rule, rules.get(rule).to().map(named -> named.stream().anyMatch(is)).orElse(true));
        }
        return new Sides(from, to);
    }

    /** Numbers an address for {@link #rule}. */
    public int classOf(long addressHigh, long addressLow) {
        int found = classes.get(addressHigh, addressLow);
        return found == PairMap.NONE ? OTHERS : found;
    }

    /**
     * The rule that decides about a flow, or {@link #NONE}.
     *
     * @param source      class of who begins it
     * @param destination class of whom it goes to
     * @param port        that it goes to; {@link #UNKNOWN_PORT}: any rule that denies a port denies it then, and none that allows one allows it
     */
    public int rule(int source, int destination, int protocol, int port) {
        long[] mayBegin = from[source];
        long[] mayGet = to[destination];
        for (int word = 0; word < mayBegin.length; word++) {
            for (long both = mayBegin[word] & mayGet[word]; both != 0; both &= both - 1) {
                int rule = word * Long.SIZE + Long.numberOfTrailingZeros(both);
                if (isAbout(rule, protocol, port)) {
                    return rule;
                }
            }
        }
        return NONE;
    }

    private boolean isAbout(int rule, int protocol, int port) {
        boolean sameProtocol = switch (protocols[rule]) {
            case ANY -> true;
            case TCP -> protocol == IpProtocol.TCP;
            case UDP -> protocol == IpProtocol.UDP;
            case SCTP -> protocol == IpProtocol.SCTP;
            case ICMP -> protocol == IpProtocol.ICMPV4 || protocol == IpProtocol.ICMPV6;
        };
        boolean samePort = firstPorts[rule] == 0 || (port == UNKNOWN_PORT ? !allows[rule] : port >= firstPorts[rule] && port <= lastPorts[rule]);
        return sameProtocol && samePort;
    }

    /** @param rule of {@link #rule} */
    public boolean allows(int rule) {
        return rule == NONE || allows[rule];
    }

    /** The poller's thread: it has decided about a packet. */
    public void hit(int rule) {
        if (rule != NONE) {
            hits[rule].setOpaque(hits[rule].getPlain() + 1);
        }
    }

    /** Packets by the name of the rule that has decided about them. */
    public Map<String, Long> hits() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counters().forEach((rule, counter) -> counts.put(rule, counter.getOpaque()));
        return counts;
    }

    private Map<String, AtomicLong> counters() {
        Map<String, AtomicLong> counters = new LinkedHashMap<>();
        for (int rule = 0; rule < hits.length; rule++) {
            counters.put(source.get(rule).rule().name(), hits[rule]);
        }
        return counters;
    }
}
