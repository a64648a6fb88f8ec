package dev.weft.kernel.xfrm;

import dev.weft.api.Cipher;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.ffm.xfrm.Policy;
import dev.weft.ffm.xfrm.PolicyTable;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The policies of a node.
 *
 * <pre>
 *   out   from the source port of a cipher    to a VTEP of an encrypted network   ESP with an SA of that peer and cipher
 *   out   from the source port of a cipher    to anywhere else                    blocked
 *   in    from a VTEP of a network in clear   to the VXLAN port                   allowed; nf_tables looks at the VNI
 *   in    from anywhere else                  to the VXLAN port                   ESP
 * </pre>
 * There are none as long as no network is encrypted.
 */
final class EspPolicies {

    private static final int RANK_PEER = 0;
    private static final int RANK_REST = 1;
    private static final InetAddress ANY_IPV4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");

    private final DataPathConfig config;
    private final RequestIds ids;
    private final PolicyTable table;
    private final InetAddress any;
    /** Small, so that these go before the host's own; its upper bits tell that a policy is this node's. */
    private final int priority;

    EspPolicies(DataPathConfig config, RequestIds ids, PolicyTable table) {
        this.config = config;
        this.ids = ids;
        this.table = table;
        any = config.vtep() instanceof Inet4Address ? ANY_IPV4 : ANY_IPV6;
        priority = priority(ids);
    }

    /** The lesser one of a node's policies; the other one is behind it. */
    static int priority(RequestIds ids) {
        return (ids.node() & ~(1 << 31)) >>> 13;
    }

    static boolean isOf(Policy policy, int priority) {
        return (policy.priority() & ~1) == priority;
    }

    /** What must never be open comes first, and goes last. */
    void reconcile(DataPathState state) {
        Set<Policy> wanted = wanted(state);
        List<Policy> found = table.list().stream().filter(this::isOwn).toList();
        wanted.stream().filter(policy -> !found.contains(policy)).forEach(table::put);
        found.stream().filter(policy -> !wanted.contains(policy)).filter(policy -> wanted.stream().noneMatch(other -> sameSelector(policy, other)))
                .sorted((a, b) -> Integer.compare(a.priority(), b.priority())).forEach(table::remove);
    }

    Set<Policy> wanted(DataPathState state) {
        Set<Policy> wanted = new LinkedHashSet<>();
        List<NetworkState> encrypted = state.networks().stream().filter(network -> network.encryption().isPresent()).toList();
        if (encrypted.isEmpty()) {
            return wanted;
        }
        for (Cipher cipher : Cipher.values()) {
            wanted.add(out(any, cipher, RANK_REST, Policy.Action.BLOCK, 0));
        }
        for (NetworkState network : encrypted) {
            Cipher cipher = network.encryption().orElseThrow();
            network.remotes().stream().map(RemoteEndpoint::vtep).distinct().forEach(peer ->
                    wanted.add(out(peer, cipher, RANK_PEER, Policy.Action.ESP, ids.of(peer, cipher))));
        }
        state.networks().stream().filter(network -> network.encryption().isEmpty()).flatMap(network -> network.remotes().stream())
                .map(RemoteEndpoint::vtep).distinct().forEach(peer -> wanted.add(new Policy(Policy.Direction.IN, peer, any, 0, config.port(),
                        priority + RANK_PEER, Policy.Action.ALLOW, 0)));
        wanted.add(new Policy(Policy.Direction.IN, any, any, 0, config.port(), priority + RANK_REST, Policy.Action.ESP, 0));
        return wanted;
    }

    private Policy out(InetAddress to, Cipher cipher, int rank, Policy.Action action, int reqid) {
        return new Policy(Policy.Direction.OUT, config.vtep(), to, SourcePorts.of(cipher).first(), config.port(), priority + rank, action, reqid);
    }

    private boolean isOwn(Policy policy) {
        return policy.destinationPort() == config.port() && isOf(policy, priority);
    }

    private static boolean sameSelector(Policy one, Policy other) {
        return one.direction() == other.direction() && one.source().equals(other.source()) && one.destination().equals(other.destination())
                && one.sourcePort() == other.sourcePort() && one.destinationPort() == other.destinationPort();
    }
}
