package dev.weft.kernel.nft;

import dev.weft.api.path.ServiceState;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A new connection to a VIP by least connections takes the next backend of a sequence: a chain of one rule and a map, which are replaced
 * whenever there is a better sequence, and the rest of the table is not. The kernel looks into the map a moment after it has begun with the
 * rule. So a map stays until the sequence after the next one, or a connection that is just being made would find nothing and be refused.
 *
 * <pre>
 *   vips: daddr VIP, SYN goto least0        least0: dnat to numgen inc mod 64 map @least0_7       (least0_6: nobody begins with it any more)
 * </pre>
 * Of one network's table. One thread at a time.
 */
public final class LeastRules {

    /** Those of one service in the kernel. @param last the highest of their numbers @param used one of them is looked into; of the others none */
    private record Maps(long last, List<String> used, List<String> unused) {
    }

    /** By the service's number; none: the kernel has to be asked. */
    private final Map<Integer, Maps> maps = new HashMap<>();

    static String chain(int service) {
        return "least" + service;
    }

    private static String map(int service, long number) {
        return chain(service) + "_" + number;
    }

    /** The chain and its first sequence, for a table that is made. */
    static void add(Ruleset rules, ServiceState service, int number, int[] sequence) {
        rules.told("of " + service.backends() + " by " + service.spread().weights());
        rules.chain(chain(number));
        rules.changing(() -> fill(rules, service, number, map(number, 0), sequence));
    }

    private static void fill(Ruleset rules, ServiceState service, int number, String map, int[] sequence) {
        int family = VipRules.family(service.vip());
        rules.map(map, Arrays.stream(sequence).mapToObj(backend -> service.backends().get(backend).getAddress()).toList());
        rules.rule(chain(number), new Expressions().next(sequence.length).lookUp(map).translateDestination(family));
    }

    /** Another table has been made, or may have been. */
    public void forget() {
        maps.clear();
    }

    /**
     * From now on connections take the backends of another sequence, beginning with the first.
     *
     * @param service  as the table has it
     * @param sequence positions of its backends, one at least
     */
    public void replace(NetlinkSocket socket, ServiceState service, int number, int[] sequence) {
        Ruleset rules = new Ruleset(Ruleset.INET, NetworkRules.TABLE);
        Maps before = maps.containsKey(number) ? maps.remove(number) : find(rules.setNames(socket), number);
        String map = map(number, before.last() + 1);
        rules.empty(chain(number));
        fill(rules, service, number, map, sequence);
        before.unused().forEach(rules::removeSet);
        rules.amend(socket);
        maps.put(number, new Maps(before.last() + 1, List.of(map), before.used()));
    }

    /** Those that an earlier process has left, too. */
    private static Maps find(List<String> sets, int number) {
        String prefix = map(number, 0).replaceAll("0$", "");
        List<String> found = sets.stream().filter(name -> name.startsWith(prefix)).toList();
        return new Maps(found.stream().mapToLong(name -> Long.parseLong(name.substring(prefix.length()))).max().orElse(0), found, List.of());
    }
}
