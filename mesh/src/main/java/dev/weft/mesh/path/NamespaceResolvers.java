package dev.weft.mesh.path;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.SubnetState;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Lets what runs in a network namespace ask an endpoint's network for names, where the endpoint's owner wants that: while the data path
 * carries the endpoint, the namespace has a resolv.conf with the gateways of its subnets. The applier's thread alone.
 */
public final class NamespaceResolvers implements AutoCloseable {

    /** More are not asked: resolv.conf(5), MAXNS. */
    private static final int MOST_SERVERS = 3;
    /** A name without a dot is asked as it is first, which a network's gateway knows at once and a search list's domains do not (as Docker). */
    private static final String OPTIONS = "options ndots:0";

    private final Function<DataPathState, Map<EndpointId, WeftException>> path;
    private final Optional<ResolvConfFiles> files;
    private final NamespaceEndpoints endpoints = new NamespaceEndpoints();
    private Map<EndpointId, WeftException> failed = Map.of();
    /** What was not carried when the files were made last. */
    private Set<EndpointId> leftOut = Set.of();
    /** By namespace. */
    private final Map<String, Made> made = new TreeMap<>();
    private boolean begun;

    private record Made(EndpointId by, List<String> lines) {
    }

    /**
     * @param path  makes a state so
     * @param files none: namespaces keep the resolvers that they have
     */
    public NamespaceResolvers(Function<DataPathState, Map<EndpointId, WeftException>> path, Optional<ResolvConfFiles> files) {
        this.path = path;
        this.files = files;
    }

    /** Makes the state so, and then the files; what failed is named with its first reason. */
    public Map<EndpointId, WeftException> apply(DataPathState state) {
        Map<EndpointId, WeftException> failures = path.apply(state);
        if (files.isEmpty()) {
            return failures;
        }
        boolean changed = endpoints.adopt(state.networks().stream());
        if (changed || !begun || !failed.isEmpty() || !failures.keySet().equals(leftOut)) {
            leftOut = Set.copyOf(failures.keySet());
            failed = reconcile(files.get(), endpoints.all()
                    .filter(each -> each.place().resolvConf() && !failures.containsKey(each.endpoint().id())).toList());
            begun = true;
        }
        Map<EndpointId, WeftException> all = new HashMap<>(failed);
        all.putAll(failures);
        return all;
    }

    private Map<EndpointId, WeftException> reconcile(ResolvConfFiles all, List<NamespaceEndpoints.Placed> wanted) {
        Map<EndpointId, WeftException> refused = new HashMap<>();
        Map<String, NamespaceEndpoints.Placed> chosen = choose(wanted, refused);
        // before the first time also what a process before this one has left
        List<String> present = begun ? List.copyOf(made.keySet()) : all.namespaces();
        present.stream().filter(namespace -> !chosen.containsKey(namespace)).forEach(namespace -> {
            all.remove(namespace);
            made.remove(namespace);
        });
        chosen.forEach((namespace, placed) -> {
            Made next = new Made(placed.endpoint().id(), lines(placed));
            try {
                if (!next.equals(made.get(namespace))) {
                    all.write(namespace, next.lines());
                    made.put(namespace, next);
                }
            } catch (WeftException e) {
                refused.put(placed.endpoint().id(), e);
            }
        });
        return refused;
    }

    /** A resolver believes the first server that answers, and no network's gateway speaks for another: a namespace has one, who was first. */
    private Map<String, NamespaceEndpoints.Placed> choose(List<NamespaceEndpoints.Placed> wanted, Map<EndpointId, WeftException> refused) {
        Map<String, NamespaceEndpoints.Placed> chosen = new TreeMap<>();
        List<NamespaceEndpoints.Placed> inOrder = new ArrayList<>(wanted);
        inOrder.sort((one, other) -> Boolean.compare(has(other), has(one)));
        for (NamespaceEndpoints.Placed each : inOrder) {
            NamespaceEndpoints.Placed first = chosen.putIfAbsent(each.place().namespace(), each);
            if (first != null) {
                refused.put(each.endpoint().id(), new WeftException.InUse("the resolv.conf of network namespace '" + each.place().namespace()
                        + "' is that of endpoint '" + first.endpoint().id().name() + "' of network '" + first.network()
                        + "', and a namespace has one; attach '" + each.endpoint().id().name() + "' without it"));
            }
        }
        return chosen;
    }

    private boolean has(NamespaceEndpoints.Placed placed) {
        return Optional.ofNullable(made.get(placed.place().namespace())).filter(file -> file.by().equals(placed.endpoint().id())).isPresent();
    }

    /** IPv4 first, as most resolvers ask. */
    private static List<String> lines(NamespaceEndpoints.Placed placed) {
        List<InetAddress> own = placed.endpoint().addresses();
        List<InetAddress> gateways = placed.subnets().stream().filter(subnet -> own.stream().anyMatch(subnet.cidr()::contains))
                .map(SubnetState::gateway).toList();
        Stream<String> servers = Stream.of(true, false).flatMap(ipv4 -> gateways.stream().filter(each -> each instanceof Inet4Address == ipv4))
                .limit(MOST_SERVERS).map(gateway -> "nameserver " + gateway.getHostAddress());
        return Stream.concat(servers, Stream.of(OPTIONS)).toList();
    }

    /** Namespaces have no resolver of this node's any more. Idempotent. */
    @Override
    public void close() {
        files.ifPresent(all -> Set.copyOf(made.keySet()).forEach(namespace -> {
            all.remove(namespace);
            made.remove(namespace);
        }));
    }
}
