package dev.weft.mesh.path;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge;
import dev.weft.api.path.GatewayBridgeProvider;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Gives endpoints in network namespaces a way out by the node's gateway bridge, once the data path carries them; those of internal
 * networks have none, and the ingress network is a way in. The applier's thread alone.
 */
public final class WayOut implements AutoCloseable {

    private final Function<DataPathState, Map<EndpointId, WeftException>> path;
    private final Optional<GatewayBridge> bridge;
    /** VNIs. */
    private Set<Integer> withoutWayOut = Set.of();
    private final NamespaceEndpoints wanting = new NamespaceEndpoints();
    private Map<EndpointId, WeftException> failed = Map.of();
    /** What the data path could not carry when the bridge was asked last. */
    private Set<EndpointId> leftOut = Set.of();
    private boolean begun;

    /**
     * @param path   makes a state so
     * @param bridge none: nobody gets out
     */
    public WayOut(Function<DataPathState, Map<EndpointId, WeftException>> path, Optional<GatewayBridge> bridge) {
        this.path = path;
        this.bridge = bridge;
    }

    /** Who makes gateway bridges; nobody when the kernel path's module is not on the module or class path. */
    public static Optional<GatewayBridgeProvider> installed() {
        return ServiceLoader.load(GatewayBridgeProvider.class).findFirst();
    }

    /** From now on networks are those of this view. */
    public void adopt(ClusterView view) {
        withoutWayOut = view.networks().stream().map(NetworkView::network).filter(network -> network.internal() || network.ingress())
                .map(NetworkRecord::vni).collect(Collectors.toSet());
    }

    /** Makes the state so in the data path and then the way out; what failed is named with its first reason. */
    public Map<EndpointId, WeftException> apply(DataPathState state) {
        Map<EndpointId, WeftException> failures = path.apply(state);
        if (bridge.isEmpty()) {
            return failures;
        }
        boolean changed = wanting.adopt(state.networks().stream().filter(network -> !withoutWayOut.contains(network.vni())));
        if (changed || !begun || !failed.isEmpty() || !failures.keySet().equals(leftOut)) {
            begun = true;
            leftOut = Set.copyOf(failures.keySet());
            failed = bridge.get().apply(wanting.all().filter(each -> !failures.containsKey(each.endpoint().id())).map(WayOut::wanted).toList());
        }
        Map<EndpointId, WeftException> all = new HashMap<>(failed);
        all.putAll(failures);
        return all;
    }

    private static GatewayBridge.Wanted wanted(NamespaceEndpoints.Placed placed) {
        return new GatewayBridge.Wanted(placed.endpoint(), placed.network(), placed.subnets().stream().map(SubnetState::cidr).toList());
    }

    /** Nobody gets out any more. Idempotent. */
    @Override
    public void close() {
        bridge.ifPresent(GatewayBridge::close);
    }
}
