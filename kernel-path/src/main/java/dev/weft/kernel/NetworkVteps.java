package dev.weft.kernel;

import dev.weft.api.Cipher;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The VTEPs that each network has remote endpoints behind, kept by what differs between states. One thread at a time. */
final class NetworkVteps {

    /** @param endpoints how many are behind each VTEP */
    private record Known(Optional<Cipher> encryption, Members<RemoteEndpoint> remotes, Map<InetAddress, Integer> endpoints) {
    }

    private final Map<Integer, Known> networks = new TreeMap<>();

    /** @return whether a network or a VTEP came or went, or a network is encrypted otherwise */
    boolean update(DataPathState state) {
        boolean changed = networks.keySet().retainAll(state.networks().stream().map(NetworkState::vni).collect(Collectors.toSet()));
        for (NetworkState network : state.networks()) {
            Known before = networks.get(network.vni());
            Known known = before == null ? new Known(network.encryption(), Members.none(), new HashMap<>()) : before;
            Set<InetAddress> vteps = Set.copyOf(known.endpoints().keySet());
            count(Members.difference(known.remotes(), network.remotes()), known.endpoints());
            networks.put(network.vni(), new Known(network.encryption(), network.remotes(), known.endpoints()));
            changed |= before == null || !known.endpoints().keySet().equals(vteps) || !known.encryption().equals(network.encryption());
        }
        return changed;
    }

    private static void count(Members.Difference<RemoteEndpoint> difference, Map<InetAddress, Integer> endpoints) {
        difference.come().forEach(remote -> endpoints.merge(remote.vtep(), 1, Integer::sum));
        difference.gone().forEach(remote -> endpoints.compute(remote.vtep(), (vtep, count) -> count == 1 ? null : count - 1));
    }

    Set<InetAddress> of(int vni) {
        return networks.get(vni).endpoints().keySet();
    }
}
