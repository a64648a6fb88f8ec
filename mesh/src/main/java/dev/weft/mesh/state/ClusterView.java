package dev.weft.mesh.state;

import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NodeRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a node knows of its cluster at one moment.
 *
 * @param nodes    by id, dead ones too
 * @param live     ids of the nodes whose sessions are alive
 * @param networks those that the node is part of, by name
 */
public record ClusterView(Map<String, NodeRecord> nodes, Set<String> live, List<NetworkView> networks) {

    public ClusterView {
        nodes = Map.copyOf(nodes);
        live = Set.copyOf(live);
        networks = List.copyOf(networks);
    }

    /** The endpoints of a network that are there: the node's own, those of other live nodes, and external ones. */
    public List<EndpointRecord> present(NetworkView part, String self) {
        return part.endpoints().stream().filter(endpoint -> endpoint.isExternal() || endpoint.node().equals(self)
                || live.contains(endpoint.node()) && nodes.containsKey(endpoint.node())).toList();
    }

    /** Whether services send new clients to an endpoint that is there: not to one that is not healthy, and not to those of drained nodes. */
    public boolean serves(EndpointRecord endpoint) {
        NodeRecord node = nodes.get(endpoint.node());
        return endpoint.health().health().takesNewFlows() && (endpoint.isExternal() || node == null || !node.drained());
    }
}
