package dev.weft.mesh.path;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Attachment;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.GatewayBridge;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WayOutTest {

    /** What the bridge was asked for, and what it and the data path shall answer. */
    private final List<String> asked = new ArrayList<>();
    private final Map<EndpointId, WeftException> refused = new HashMap<>();
    private final Map<EndpointId, WeftException> notCarried = new HashMap<>();
    private final WayOut wayOut = new WayOut(state -> Map.copyOf(notCarried), Optional.of(new GatewayBridge() {
        @Override
        public Map<EndpointId, WeftException> apply(Collection<Wanted> endpoints) {
            asked.add(endpoints.stream().map(each -> each.endpoint().id().name()).sorted().toList().toString());
            return Map.copyOf(refused);
        }

        @Override
        public void close() {
            asked.add("closed");
        }
    }));

    private static LocalEndpoint inside(String name, int vni) {
        return new LocalEndpoint(new EndpointId(vni, name), new MacAddress(0x0200_0000_0001L), List.of(),
                new Attachment.NetworkNamespace("ns-" + name, "eth" + vni));
    }

    private static NetworkState network(int vni, LocalEndpoint... locals) {
        return new NetworkState("net" + vni, vni, 1450, NetworkState.gatewayMacOf(vni), List.of(), List.of(locals), List.of(), List.of());
    }

    private Map<EndpointId, WeftException> apply(NetworkState... networks) {
        return wayOut.apply(new DataPathState(1, List.of(networks)));
    }

    @Test
    void shouldLetOutEndpointsInNamespacesAloneAndAskWhenOthersWantIt() {
        LocalEndpoint process = new LocalEndpoint(new EndpointId(77, "p"), new MacAddress(0x0200_0000_0002L), List.of(), new Attachment.InProcess());
        apply();
        apply(network(77, process));
        apply(network(77, process, inside("a", 77)));
        apply(network(77, process, inside("a", 77)));
        apply(network(77, inside("a", 77), inside("b", 77)), network(78, inside("c", 78)));
        apply(network(77, inside("b", 77)), network(78, inside("c", 78)));
        apply(network(77, inside("b", 77)));
        wayOut.close();
        assertEquals(List.of("[]", "[a]", "[a, b, c]", "[b, c]", "[b]", "closed"), asked);
    }

    @Test
    void shouldLetNobodyOutOfInternalNetworksAndTheIngressNetwork() {
        NetworkRecord internal = new NetworkRecord("internal", 78, 1450, List.of(), true, Optional.empty(), true, false, 0);
        NetworkRecord ingress = new NetworkRecord("ingress", 79, 1450, List.of(), true, Optional.empty(), false, true, 0);
        NetworkRecord blue = new NetworkRecord("blue", 77, 1450, List.of(), true);
        wayOut.adopt(new ClusterView(Map.of(), Set.of(), Stream.of(blue, internal, ingress)
                .map(network -> new NetworkView(network, List.of(), List.of())).toList()));
        apply(network(77, inside("a", 77)), network(78, inside("b", 78)), network(79, inside("c", 79)));
        assertEquals(List.of("[a]"), asked);
    }

    @Test
    void shouldTellWhoFailedAndTryAgain() {
        EndpointId a = new EndpointId(77, "a");
        EndpointId b = new EndpointId(77, "b");
        notCarried.put(b, new WeftException.NotFound("no namespace"));
        refused.put(a, new WeftException.InvalidSpec("no subnet"));
        NetworkState both = network(77, inside("a", 77), inside("b", 77));
        assertEquals(Set.of(a, b), apply(both).keySet());
        refused.clear();
        assertEquals(Set.of(b), apply(both).keySet());
        notCarried.clear();
        assertEquals(Map.of(), apply(both));
        assertEquals(Map.of(), apply(both));
        assertEquals(List.of("[a]", "[a]", "[a, b]"), asked);
    }
}
