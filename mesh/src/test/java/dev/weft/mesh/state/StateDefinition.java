package dev.weft.mesh.state;

import dev.weft.api.Attachment;
import dev.weft.api.Health;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the state of a view is, computed from nothing and with no thought of what it costs; {@link StateCompiler} has to agree. */
final class StateDefinition {

    private StateDefinition() {
    }

    static List<NetworkState> networks(ClusterView view, String self) {
        return view.networks().stream().map(part -> network(view, part, self)).filter(network -> !network.locals().isEmpty()).toList();
    }

    private static NetworkState network(ClusterView view, NetworkView part, String self) {
        NetworkRecord network = part.network();
        List<LocalEndpoint> locals = new ArrayList<>();
        List<RemoteEndpoint> remotes = new ArrayList<>();
        Map<String, EndpointRecord> present = new HashMap<>();
        for (EndpointRecord endpoint : part.endpoints()) {
            EndpointId id = new EndpointId(network.vni(), endpoint.name());
            if (endpoint.node().equals(self) && !endpoint.isExternal()) {
                locals.add(new LocalEndpoint(id, endpoint.mac(), endpoint.addresses(), endpoint.attachment()));
                present.put(endpoint.name(), endpoint);
            } else if (vtepOf(endpoint, view) instanceof InetAddress vtep) {
                remotes.add(new RemoteEndpoint(id, endpoint.mac(), endpoint.addresses(), vtep));
                present.put(endpoint.name(), endpoint);
            }
        }
        return new NetworkState(network.name(), network.vni(), network.mtu(), NetworkState.gatewayMacOf(network.vni()),
                network.subnets().stream().map(subnet -> new SubnetState(subnet.cidr(), subnet.gateway())).toList(),
                locals, remotes, services(part, present, view));
    }

    private static boolean isDrained(EndpointRecord endpoint, ClusterView view) {
        NodeRecord node = view.nodes().get(endpoint.node());
        Health health = endpoint.health().health();
        return health == Health.STARTING || health == Health.UNHEALTHY || !endpoint.isExternal() && node != null && node.drained();
    }

    private static InetAddress vtepOf(EndpointRecord endpoint, ClusterView view) {
        if (endpoint.attachment() instanceof Attachment.External external) {
            return external.vtep();
        }
        NodeRecord node = view.nodes().get(endpoint.node());
        return node != null && view.live().contains(node.id()) ? node.vtep() : null;
    }

    private static List<ServiceState> services(NetworkView part, Map<String, EndpointRecord> present, ClusterView view) {
        List<ServiceState> states = new ArrayList<>();
        for (ServiceRecord service : part.services()) {
            for (InetAddress vip : service.vips()) {
                List<EndpointRecord> all = service.backends().stream().filter(present::containsKey).map(present::get).toList();
                states.add(new ServiceState(service.name(), vip,
                        addresses(all.stream().filter(endpoint -> !isDrained(endpoint, view)).toList(), vip),
                        addresses(all.stream().filter(endpoint -> isDrained(endpoint, view)).toList(), vip), Spread.EVEN));
            }
        }
        return states;
    }

    private static List<InetAddress> addresses(List<EndpointRecord> endpoints, InetAddress vip) {
        return endpoints.stream().flatMap(endpoint -> endpoint.addresses().stream()).filter(address -> address.getClass() == vip.getClass()).toList();
    }
}
