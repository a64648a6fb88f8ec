package dev.weft.kernel;

import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.ffm.libc.TapDevice;
import dev.weft.ffm.rtnl.Link;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The taps of in-process endpoints. They go with the process, so unlike all else they are held here and not found again. */
final class InProcessEndpoints {

    /** What the channel was made for; another MTU or MAC makes another channel. */
    private record Held(LocalEndpoint endpoint, int mtu, KernelFrames frames) {
    }

    private final Map<EndpointId, Held> held = new HashMap<>();

    synchronized void reconcile(NetworkScope scope, NetworkState network, LocalEndpoint endpoint) {
        String port = KernelNames.port(endpoint.id());
        Held current = held.get(endpoint.id());
        Optional<Link> found = scope.links.find(port);
        if (current != null && (current.mtu() != network.mtu() || found.isEmpty())) {
            close(endpoint.id());
            current = null;
            found = Optional.empty();
        }
        if (current == null) {
            found.ifPresent(scope.links::delete); // an endpoint of that name that was of another kind
            TapDevice tap = scope.namespace().call(() -> TapDevice.create(port));
            held.put(endpoint.id(), new Held(endpoint, network.mtu(), new KernelFrames(tap, network.mtu())));
        }
        try {
            EndpointReconciler.join(scope, scope.require(port));
        } catch (RuntimeException e) {
            close(endpoint.id());
            throw e;
        }
    }

    synchronized Optional<KernelFrames> frames(EndpointId endpoint) {
        return Optional.ofNullable(held.get(endpoint)).map(Held::frames);
    }

    /** Closes those of a network that are no longer wanted. */
    synchronized void retain(int vni, Set<EndpointId> wanted) {
        Set.copyOf(held.keySet()).stream().filter(id -> id.vni() == vni && !wanted.contains(id)).forEach(this::close);
    }

    /** Closes the one of that name, if it is one of these. */
    synchronized void remove(EndpointId endpoint) {
        close(endpoint);
    }

    private void close(EndpointId endpoint) {
        Held gone = held.remove(endpoint);
        if (gone != null) {
            gone.frames().close();
        }
    }
}
