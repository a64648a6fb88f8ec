package dev.weft.mesh.simulation;

import dev.weft.api.Attachment;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the data paths have to carry, from the records and the nodes that run. Says the same as {@code StateCompiler} in other words,
 * so that neither is taken for its own oracle.
 *
 * @param vteps of the nodes that are alive, by id
 */
record Expectation(List<NetworkRecord> networks, List<EndpointRecord> endpoints, List<ServiceRecord> services, Map<String, InetAddress> vteps) {

    List<NetworkState> of(String node) {
        Set<String> mine = new HashSet<>();
        endpoints.stream().filter(endpoint -> !endpoint.isExternal() && endpoint.node().equals(node))
                .forEach(endpoint -> mine.add(endpoint.network()));
        List<NetworkState> states = new ArrayList<>();
        for (NetworkRecord network : networks) {
            if (mine.contains(network.name())) {
                states.add(state(network, node));
            }
        }
        return states;
    }

    private NetworkState state(NetworkRecord network, String node) {
        List<LocalEndpoint> locals = new ArrayList<>();
        List<RemoteEndpoint> remotes = new ArrayList<>();
        Map<String, List<InetAddress>> addresses = new HashMap<>();
        for (EndpointRecord each : endpoints) {
            if (!each.network().equals(network.name())) {
                continue;
            }
            EndpointId id = new EndpointId(network.vni(), each.name());
            if (each.attachment() instanceof Attachment.External external) {
                remotes.add(new RemoteEndpoint(id, each.mac(), each.addresses(), external.vtep()));
            } else if (each.node().equals(node)) {
                locals.add(new LocalEndpoint(id, each.mac(), each.addresses(), each.attachment()));
            } else if (vteps.containsKey(each.node())) {
                remotes.add(new RemoteEndpoint(id, each.mac(), each.addresses(), vteps.get(each.node())));
            } else {
                continue;
            }
            addresses.put(each.name(), each.addresses());
        }
        return new NetworkState(network.name(), network.vni(), network.mtu(), NetworkState.gatewayMacOf(network.vni()),
                network.subnets().stream().map(subnet -> new SubnetState(subnet.cidr(), subnet.gateway())).toList(),
                locals, remotes, services(network.name(), addresses));
    }

    private List<ServiceState> services(String network, Map<String, List<InetAddress>> addresses) {
        List<ServiceState> states = new ArrayList<>();
        for (ServiceRecord service : services) {
            if (service.network().equals(network)) {
                for (InetAddress vip : service.vips()) {
                    List<InetAddress> backends = new ArrayList<>();
                    service.backends().forEach(name -> addresses.getOrDefault(name, List.of()).stream()
                            .filter(address -> address.getAddress().length == vip.getAddress().length).forEach(backends::add));
                    states.add(new ServiceState(service.name(), vip, backends));
                }
            }
        }
        return states;
    }
}
