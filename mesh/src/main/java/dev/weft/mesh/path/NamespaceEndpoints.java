package dev.weft.mesh.path;

import dev.weft.api.Attachment;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.SubnetState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The node's endpoints in network namespaces, of one {@link DataPathState} after the other; each costs what differs. One thread's. */
final class NamespaceEndpoints {

    /** An endpoint in a network namespace. @param network name @param subnets of that network */
    record Placed(LocalEndpoint endpoint, String network, List<SubnetState> subnets) {

        Attachment.NetworkNamespace place() {
            return (Attachment.NetworkNamespace) endpoint.attachment();
        }
    }

    /** By VNI, as they were last. */
    private Map<Integer, NetworkState> before = Map.of();
    private final Map<EndpointId, Placed> placed = new LinkedHashMap<>();

    Stream<Placed> all() {
        return placed.values().stream();
    }

    /** From now on they are those of these networks. @return whether they are others than before */
    boolean adopt(Stream<NetworkState> networks) {
        Map<Integer, NetworkState> after = new TreeMap<>();
        networks.forEach(network -> after.put(network.vni(), network));
        boolean changed = false;
        for (NetworkState gone : before.values()) {
            if (!after.containsKey(gone.vni())) {
                changed |= placed.keySet().removeIf(id -> id.vni() == gone.vni());
            }
        }
        for (NetworkState network : after.values()) {
            changed |= exchange(Optional.ofNullable(before.get(network.vni())), network);
        }
        before = after;
        return changed;
    }

    private boolean exchange(Optional<NetworkState> earlier, NetworkState network) {
        boolean sameSubnets = earlier.filter(known -> known.subnets().equals(network.subnets())).isPresent();
        Members<LocalEndpoint> known = sameSubnets ? earlier.get().locals() : Members.none();
        boolean changed = !sameSubnets && placed.keySet().removeIf(id -> id.vni() == network.vni());
        Members.Difference<LocalEndpoint> difference = Members.difference(known, network.locals());
        for (LocalEndpoint gone : difference.gone()) {
            changed |= placed.remove(gone.id()) != null;
        }
        for (LocalEndpoint come : difference.come()) {
            if (come.attachment() instanceof Attachment.NetworkNamespace) {
                placed.put(come.id(), new Placed(come, network.name(), network.subnets()));
                changed = true;
            }
        }
        return changed;
    }
}
