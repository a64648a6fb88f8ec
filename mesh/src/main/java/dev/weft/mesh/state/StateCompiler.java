package dev.weft.mesh.state;

import dev.weft.api.Attachment;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a node's data path has to make so, from what the node knows of the cluster. Pure: the same view gives the same state,
 * in the same order.
 *
 * <p>A network is in the state when the node carries an endpoint of it. The node's own endpoints are in it even when its
 * session with the store is over; another node's only while that one is alive; an external one always, since nobody's
 * session says whether it is there.
 */
public final class StateCompiler {

    private StateCompiler() {
    }

    public static DataPathState compile(ClusterView view, String self, long epoch) {
        return new DataPathState(epoch, view.networks().stream()
                .filter(network -> network.endpoints().stream().anyMatch(endpoint -> isLocal(endpoint, self)))
                .map(network -> compile(view, network, self)).toList());
    }

    private static NetworkState compile(ClusterView view, NetworkView part, String self) {
        NetworkRecord network = part.network();
        List<LocalEndpoint> locals = new ArrayList<>();
        List<RemoteEndpoint> remotes = new ArrayList<>();
        List<EndpointRecord> present = new ArrayList<>();
        for (EndpointRecord endpoint : part.endpoints()) {
            EndpointId id = new EndpointId(network.vni(), endpoint.name());
            if (isLocal(endpoint, self)) {
                locals.add(new LocalEndpoint(id, endpoint.mac(), endpoint.addresses(), endpoint.attachment()));
                present.add(endpoint);
            } else if (vtepOf(endpoint, view) instanceof InetAddress vtep) {
                remotes.add(new RemoteEndpoint(id, endpoint.mac(), endpoint.addresses(), vtep));
                present.add(endpoint);
            }
        }
        return new NetworkState(network.name(), network.vni(), network.mtu(), NetworkState.gatewayMacOf(network.vni()),
                network.subnets().stream().map(subnet -> new SubnetState(subnet.cidr(), subnet.gateway())).toList(),
                locals, remotes, services(part.services(), present));
    }

    private static boolean isLocal(EndpointRecord endpoint, String self) {
        return endpoint.node().equals(self) && !endpoint.isExternal();
    }

    /** Where the frames of a remote endpoint go to; null when nowhere at the moment. */
    private static InetAddress vtepOf(EndpointRecord endpoint, ClusterView view) {
        if (endpoint.attachment() instanceof Attachment.External external) {
            return external.vtep();
        }
        NodeRecord node = view.nodes().get(endpoint.node());
        return node != null && view.live().contains(node.id()) ? node.vtep() : null;
    }

    /** A state for each VIP; its backends in the order in which the service names them. */
    private static List<ServiceState> services(List<ServiceRecord> services, List<EndpointRecord> present) {
        Map<String, EndpointRecord> byName = present.stream().collect(Collectors.toMap(EndpointRecord::name, Function.identity()));
        List<ServiceState> states = new ArrayList<>();
        for (ServiceRecord service : services) {
            List<InetAddress> addresses = service.backends().stream().filter(byName::containsKey)
                    .flatMap(backend -> byName.get(backend).addresses().stream()).toList();
            for (InetAddress vip : service.vips()) {
                states.add(new ServiceState(service.name(), vip,
                        addresses.stream().filter(address -> address.getClass() == vip.getClass()).toList()));
            }
        }
        return states;
    }
}
