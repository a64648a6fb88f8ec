package dev.weft.mesh.ingress;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointSpec;
import dev.weft.api.PortProtocol;
import dev.weft.api.path.PublishedState;
import dev.weft.mesh.cluster.IngressNames;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a node has to do for published ports. Pure.
 *
 * @param members what it attaches to the ingress network, by name: its gateway, and one endpoint for each of its own that is a backend of
 *                something published, in the same network namespace or in this process
 * @param origins those of them that stand for an endpoint of another network: that one
 * @param state   what its port publisher has to make so, with what has been attached by now
 */
public record IngressPlan(Map<String, EndpointSpec> members, Map<String, EndpointRecord> origins, PublishedState state) {

    /** Nothing is published. */
    public static final IngressPlan NONE = new IngressPlan(Map.of(), Map.of(), PublishedState.NONE);

    private static final String GATEWAY_INTERFACE = "wg";
    private static final String BACKEND_INTERFACE = "wi";
    private static final int NODE_ID_LENGTH = 8;

    /**
     * @param view    what the node knows of its cluster
     * @param ingress the ingress network in it
     * @param own     the node's endpoints, in all networks
     * @param self    id of the node
     * @param answers whether published ports can answer at this node's addresses
     */
    public static IngressPlan of(ClusterView view, NetworkView ingress, Collection<EndpointRecord> own, String self, boolean answers) {
        List<ServiceRecord> services = ingress.services().stream().filter(service -> !service.publication().isNone()).toList();
        if (services.isEmpty()) {
            return NONE;
        }
        Map<String, EndpointRecord> origins = origins(ingress, services, own);
        Map<String, EndpointSpec> members = members(origins, self, answers);
        Optional<EndpointRecord> gateway = ingress.endpoints().find(IngressNames.gateway(self));
        return new IngressPlan(members, origins, new PublishedState(gateway.map(IngressPlan::gateway),
                services.stream().map(service -> service(service, view, ingress, self)).toList(),
                members.keySet().stream().flatMap(name -> ingress.endpoints().find(name).stream()).filter(member -> member.node().equals(self))
                        .flatMap(member -> backend(member, ingress)).toList()));
    }

    /** By the name of the member that stands for it. */
    private static Map<String, EndpointRecord> origins(NetworkView ingress, List<ServiceRecord> services, Collection<EndpointRecord> own) {
        Set<String> backends = new HashSet<>();
        Set<String> beyondDatagrams = new HashSet<>();
        for (ServiceRecord service : services) {
            backends.addAll(service.backends());
            if (service.publication().ports().stream().anyMatch(port -> port.protocol() != PortProtocol.UDP)) {
                beyondDatagrams.addAll(service.backends());
            }
        }
        Map<String, EndpointRecord> origins = new TreeMap<>();
        for (EndpointRecord endpoint : own) {
            String name = IngressNames.of(endpoint.network(), endpoint.name());
            if (!endpoint.network().equals(ingress.network().name()) && backends.contains(name)
                    && canAnswer(endpoint.attachment(), !beyondDatagrams.contains(name))) {
                origins.put(name, endpoint);
            }
        }
        return origins;
    }

    /** In a process there is nobody for connections, and they would end in silence. @param datagrams whether it is asked by UDP alone */
    private static boolean canAnswer(Attachment attachment, boolean datagrams) {
        return attachment instanceof Attachment.NetworkNamespace || attachment instanceof Attachment.InProcess && datagrams;
    }

    private static Map<String, EndpointSpec> members(Map<String, EndpointRecord> origins, String self, boolean answers) {
        Map<String, EndpointSpec> members = new TreeMap<>();
        if (answers) {
            String gateway = IngressNames.gateway(self);
            members.put(gateway,
                    EndpointSpec.hostInterface(gateway, GATEWAY_INTERFACE + self.substring(0, Math.min(NODE_ID_LENGTH, self.length()))).build());
        }
        origins.forEach((name, origin) -> members.put(name, member(name, origin).build()));
        return members;
    }

    private static EndpointSpec.Builder member(String name, EndpointRecord origin) {
        return origin.attachment() instanceof Attachment.NetworkNamespace place
                ? EndpointSpec.networkNamespace(name, place.namespace(), BACKEND_INTERFACE + IngressNames.digest(origin.network(), origin.name()))
                : EndpointSpec.inProcess(name);
    }

    private static PublishedState.Gateway gateway(EndpointRecord record) {
        return new PublishedState.Gateway(((Attachment.HostInterface) record.attachment()).interfaceName(), record.addresses());
    }

    private static PublishedState.Service service(ServiceRecord service, ClusterView view, NetworkView ingress, String self) {
        List<EndpointRecord> serving = service.backends().stream().flatMap(name -> ingress.endpoints().find(name).stream())
                .filter(member -> member.node().equals(self) || view.live().contains(member.node())).filter(view::serves).toList();
        return new PublishedState.Service(service.name(), service.vips(), addresses(serving),
                addresses(serving.stream().filter(member -> member.node().equals(self)).toList()), service.publication());
    }

    private static List<InetAddress> addresses(List<EndpointRecord> members) {
        return members.stream().flatMap(member -> member.addresses().stream()).toList();
    }

    private static Stream<PublishedState.Backend> backend(EndpointRecord member, NetworkView ingress) {
        return member.attachment() instanceof Attachment.NetworkNamespace place ? Stream.of(new PublishedState.Backend(place.namespace(),
                place.interfaceName(), member.addresses(), ingress.network().subnets().stream().map(SubnetRecord::gateway).toList()))
                : Stream.empty();
    }
}
