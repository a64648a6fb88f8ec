package dev.weft.kernel;

import dev.weft.api.PolicyRule;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.PolicyState;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.rtnl.Link;
import dev.weft.ffm.rtnl.LinkCounters;
import dev.weft.kernel.nft.UnderlayRules;
import dev.weft.kernel.xfrm.XfrmStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The kernel's own counters of our interfaces, under the names that all data paths use. Received is what came in from the
 * endpoint, or from the uplink. Any thread may read.
 */
final class KernelCounters {

    private record Shown(List<KernelNetwork> networks, DataPathState state) {
    }

    private final UnderlayRules underlay;
    private final XfrmStatistics ipsec;
    private volatile Shown shown = new Shown(List.of(), DataPathState.EMPTY);

    KernelCounters(UnderlayRules underlay, XfrmStatistics ipsec) {
        this.underlay = underlay;
        this.ipsec = ipsec;
    }

    /** What the next reading is about. */
    void show(List<KernelNetwork> networks, DataPathState state) {
        shown = new Shown(networks, state);
    }

    CounterSnapshot read() {
        Shown now = shown;
        List<Counter> counters = new ArrayList<>();
        if (!now.networks().isEmpty()) {
            Map<DropReason, Long> dropped = underlay.dropped();
            if (now.state().networks().stream().anyMatch(network -> network.encryption().isPresent())) {
                ipsec.dropped().forEach((reason, packets) -> dropped.merge(reason, packets, Long::sum));
            }
            dropped.forEach((reason, packets) -> counters.add(new Counter("uplink", "drop:" + reason.label(), packets)));
        }
        for (KernelNetwork network : now.networks()) {
            try {
                counters.addAll(of(network, now.state()));
            } catch (NetlinkException | WeftException e) {
                if (shown.networks().contains(network)) {
                    throw e;
                } // else it has gone meanwhile
            }
        }
        return new CounterSnapshot(counters);
    }

    private static List<Counter> of(KernelNetwork network, DataPathState state) {
        List<Counter> counters = new ArrayList<>();
        NetworkScope scope = network.scope();
        Map<PolicyRule, Long> policies = network.policies().hits();
        Map<String, Link> links = scope.links.list().stream().collect(Collectors.toMap(Link::name, Function.identity()));
        String name = scope.namespace().name();
        int vni = Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
        add(counters, "uplink:vni-" + vni, links.get(KernelNames.VXLAN));
        state.networks().stream().filter(each -> each.vni() == vni).findFirst()
                .ifPresent(found -> add(counters, "uplink:vni-" + vni, found.name(), policies));
        state.networks().stream().filter(each -> each.vni() == vni).flatMap(found -> found.locals().stream())
                .map(LocalEndpoint::id).forEach(id -> add(counters, "endpoint:" + id, links.get(KernelNames.port(id))));
        return counters;
    }

    private static void add(List<Counter> counters, String scope, String network, Map<PolicyRule, Long> policies) {
        policies.forEach((rule, hits) -> counters.add(new Counter(PolicyState.scope(network, rule.name()), "hits", hits)));
        counters.add(new Counter(scope, "drop:" + DropReason.POLICY.label(), policies.entrySet().stream()
                .filter(each -> each.getKey().action() == PolicyRule.Action.DENY).mapToLong(Map.Entry::getValue).sum()));
    }

    private static void add(List<Counter> counters, String scope, Link link) {
        if (link != null) {
            LinkCounters values = link.counters();
            counters.add(new Counter(scope, "rx-packets", values.rxPackets()));
            counters.add(new Counter(scope, "rx-bytes", values.rxBytes()));
            counters.add(new Counter(scope, "tx-packets", values.txPackets()));
            counters.add(new Counter(scope, "tx-bytes", values.txBytes()));
            counters.add(new Counter(scope, "rx-dropped", values.rxDropped() + values.rxErrors()));
            counters.add(new Counter(scope, "tx-dropped", values.txDropped() + values.txErrors()));
        }
    }
}
