package dev.weft.kernel;

import dev.weft.api.Attachment;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.kernel.conntrack.TranslatedFlows;
import dev.weft.kernel.nft.EndpointGuard;
import dev.weft.kernel.nft.PolicyRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One network of this node in the kernel. {@link #audit} asks the kernel what is there, all of it, and writes what differs;
 * {@link #change} trusts that what was made is still so, and speaks only of what differs between the last state and this one. It
 * falls back to an audit whenever something is not as it should be. One thread at a time.
 *
 * <pre>
 *               audit, all made                 change, all as expected
 *    UNKNOWN --------------------> KNOWN ----------------------------------> KNOWN
 *       ^                            |  change that meets something else
 *       +----------------------------+  (an audit follows at once)
 * </pre>
 */
final class KernelNetwork {

    private static final int AUDIT_TRIES = 3;

    private final NetworkScope scope;
    private final Uplink uplink;
    private final InProcessEndpoints inProcess;
    private final Balancer balancer;
    private final TranslatedFlows flows;
    private final PolicyRules policies;
    /** What is there, but for the failures; null: unknown. */
    private NetworkState known;
    private Map<EndpointId, WeftException> failures = Map.of();
    private long elsewhere;

    KernelNetwork(NetworkScope scope, Uplink uplink, InProcessEndpoints inProcess) {
        this.scope = scope;
        this.uplink = uplink;
        this.inProcess = inProcess;
        this.balancer = new Balancer(scope.namespace());
        this.flows = new TranslatedFlows(scope.namespace());
        this.policies = new PolicyRules(scope.namespace());
    }

    NetworkScope scope() {
        return scope;
    }

    PolicyRules policies() {
        return policies;
    }

    /** Endpoints of this node that could not be made, each with the reason. */
    Map<EndpointId, WeftException> failures() {
        return failures;
    }

    /** Requests for a change sent to the kernel, nf_tables not among them. */
    long changes() {
        return elsewhere + scope.changes();
    }

    /** Makes the network so, whatever is there; again if that changes meanwhile, as when the kernel gets to a namespace that was deleted. */
    void audit(NetworkState network) {
        for (int tries = 1;; tries++) {
            try {
                makeWhole(network);
                return;
            } catch (NetlinkException | WeftException.DataPathFailed e) {
                if (tries == AUDIT_TRIES) {
                    throw e;
                }
            }
        }
    }

    private void makeWhole(NetworkState network) {
        known = null;
        inProcess.retain(network.vni(), network.locals().stream().filter(local -> local.attachment() instanceof Attachment.InProcess)
                .map(LocalEndpoint::id).collect(Collectors.toSet()));
        NetworkReconciler reconciler = new NetworkReconciler(scope, network, uplink);
        reconciler.prepare();
        Set<String> ports = network.locals().stream().map(local -> KernelNames.port(local.id())).collect(Collectors.toSet());
        scope.links.list().stream().filter(link -> KernelNames.isPort(link.name()) && !ports.contains(link.name()))
                .forEach(scope.links::delete);
        failures = make(network, List.copyOf(network.locals()));
        boolean unique = reconciler.finish(made(network));
        reconcileRules(network, true);
        known = unique ? network : null;
    }

    /** Makes the network so; the time goes by what differs from the state before. */
    void change(NetworkState network) {
        if (known == null || differsAsAWhole(known, network)) {
            audit(network);
            return;
        }
        try {
            NetworkState before = known;
            known = null;
            exchange(before, network);
            known = network;
        } catch (NetlinkException | WeftException.DataPathFailed e) {
            audit(network); // somebody else was at work here, or two endpoints have the same address while news arrive
        }
    }

    private static boolean differsAsAWhole(NetworkState before, NetworkState after) {
        return before.mtu() != after.mtu() || !before.gatewayMac().equals(after.gatewayMac()) || !before.subnets().equals(after.subnets())
                || !before.encryption().equals(after.encryption());
    }

    private void exchange(NetworkState before, NetworkState after) {
        Members.Difference<LocalEndpoint> locals = Members.difference(before.locals(), after.locals());
        Members.Difference<RemoteEndpoint> remotes = Members.difference(before.remotes(), after.remotes());
        boolean sameServices = before.services().equals(after.services());
        List<LocalEndpoint> gone = locals.gone().stream().filter(local -> !failures.containsKey(local.id())).toList();
        gone.forEach(this::remove);
        List<LocalEndpoint> come = new ArrayList<>(locals.come());
        failures.keySet().stream().flatMap(id -> after.locals().find(id.name()).stream()).filter(local -> !come.contains(local)).forEach(come::add);
        failures = make(after, come);
        List<LocalEndpoint> made = come.stream().filter(local -> !failures.containsKey(local.id())).toList();
        NetworkReconciler reconciler = new NetworkReconciler(scope, after, uplink);
        if (!gone.isEmpty() || !made.isEmpty() || !remotes.isEmpty()) {
            reconciler.exchange(gone, made, remotes);
        }
        if (Stream.of(gone, made).flatMap(List::stream).anyMatch(LocalEndpoint::routes)) {
            reconciler.reconcileWayOut(made(after));
        }
        if (!sameServices) {
            reconciler.reconcileAddresses();
        }
        if (!sameServices || !gone.isEmpty() || !made.isEmpty()) {
            reconcileRules(after, false);
        } else if (!before.policies().equals(after.policies())) {
            policies.reconcile(after);
        }
    }

    private void remove(LocalEndpoint local) {
        inProcess.remove(local.id());
        scope.links.find(KernelNames.port(local.id())).ifPresent(scope.links::delete);
    }

    /** @return those that could not be made */
    private Map<EndpointId, WeftException> make(NetworkState network, List<LocalEndpoint> locals) {
        Map<EndpointId, WeftException> failed = new LinkedHashMap<>();
        for (LocalEndpoint local : locals) {
            try {
                make(network, local);
            } catch (WeftException e) {
                failed.put(local.id(), e);
            }
        }
        return failed;
    }

    private void make(NetworkState network, LocalEndpoint local) {
        if (local.attachment() instanceof Attachment.InProcess) {
            inProcess.reconcile(scope, network, local);
        } else {
            elsewhere += new EndpointReconciler(scope, network, uplink).reconcile(local);
        }
    }

    private List<LocalEndpoint> made(NetworkState network) {
        return network.locals().stream().filter(local -> !failures.containsKey(local.id())).toList();
    }

    private void reconcileRules(NetworkState network, boolean all) {
        balancer.reconcile(network, made(network).stream()
                .map(local -> new EndpointGuard.Port(KernelNames.port(local.id()), local.addresses(), local.routes())).toList(), all);
        flows.retain(network.services());
        policies.reconcile(network);
    }

    /** Removes all of it. */
    void destroy(int vni) {
        inProcess.retain(vni, Set.of());
        balancer.close();
        scope.destroy();
    }
}
