package dev.weft.mesh.state;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.PolicySelector;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.Member;
import dev.weft.api.path.Members;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PolicyState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.ServiceState;
import dev.weft.api.path.Spread;
import dev.weft.api.path.SubnetState;
import dev.weft.mesh.cluster.IngressNames;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the state of one network, and from it the next one by what differs. One thread at a time. */
final class NetworkCompiler {

    private final NetworkRecord network;
    private final String self;
    private final Predicate<EndpointRecord> known;
    private Members<EndpointRecord> endpoints = Members.none();
    private Members<ServiceRecord> services = Members.none();
    private Members<LocalEndpoint> locals = Members.none();
    private Members<RemoteEndpoint> remotes = Members.none();
    private Members<PolicyRecord> policies = Members.none();
    /** By node: the names of its endpoints, which come and go with it. */
    private final Map<String, Set<String>> atNode = new HashMap<>();
    /** Names that services have as backends. */
    private Set<String> backends = Set.of();
    private NetworkState state;

    NetworkCompiler(NetworkRecord network, String self, Predicate<EndpointRecord> known) {
        this.network = network;
        this.self = self;
        this.known = known;
        this.state = state(List.of(), List.of());
    }

    NetworkRecord network() {
        return network;
    }

    /** The state of the view compiled last; the same object while nothing changes. Nothing while no endpoint is here. */
    Optional<NetworkState> state() {
        return locals.isEmpty() ? Optional.empty() : Optional.of(state);
    }

    /**
     * @param moved  nodes whose VTEP is another one since the last view, or which are drained and were not, or the other way round
     * @param vtepOf where the frames for endpoints of a node go to
     * @param serves whether an endpoint that is there gets new flows of services
     */
    void compile(NetworkView part, Set<String> moved, Function<String, Optional<InetAddress>> vtepOf, Predicate<EndpointRecord> serves) {
        Set<String> touched = reindex(part.endpoints());
        moved.forEach(node -> touched.addAll(atNode.getOrDefault(node, Set.of())));
        endpoints = part.endpoints();
        touched.forEach(name -> place(name, vtepOf));
        boolean sameServices = services.equals(part.services());
        services = part.services();
        if (!sameServices) {
            backends = services.stream().flatMap(service -> service.backends().stream()).collect(Collectors.toSet());
        }
        boolean sameBackends = sameServices && touched.stream().noneMatch(backends::contains);
        boolean samePolicies = policies.equals(part.policies()) && (touched.isEmpty() || part.policies().isEmpty());
        policies = part.policies();
        if (!touched.isEmpty() || !sameBackends || !samePolicies) {
            state = state(sameBackends ? state.services() : serviceStates(serves), samePolicies ? state.policies() : policyStates());
        }
    }

    /** @return the names of endpoints that differ */
    private Set<String> reindex(Members<EndpointRecord> now) {
        Set<String> touched = new HashSet<>();
        Members.Difference<EndpointRecord> difference = Members.difference(endpoints, now);
        for (EndpointRecord gone : difference.gone()) {
            touched.add(gone.name());
            atNode.computeIfPresent(gone.node(), (node, names) -> names.remove(gone.name()) && names.isEmpty() ? null : names);
        }
        for (EndpointRecord come : difference.come()) {
            touched.add(come.name());
            atNode.computeIfAbsent(come.node(), node -> new HashSet<>()).add(come.name());
        }
        return touched;
    }

    /** Here, behind another VTEP, or nowhere at the moment. */
    private void place(String name, Function<String, Optional<InetAddress>> vtepOf) {
        EndpointId id = new EndpointId(network.vni(), name);
        Optional<EndpointRecord> found = endpoints.find(name).filter(endpoint -> !isSaidToBeHere(endpoint) || known.test(endpoint));
        Optional<EndpointRecord> here = found.filter(this::isSaidToBeHere);
        locals = here.map(endpoint -> locals.with(new LocalEndpoint(id, endpoint.mac(), endpoint.addresses(), endpoint.attachment(),
                        isGateway(endpoint))))
                .orElseGet(() -> locals.without(name));
        remotes = here.isPresent() ? remotes.without(name) : found.flatMap(endpoint -> vtep(endpoint, vtepOf)
                .map(vtep -> remotes.with(new RemoteEndpoint(id, endpoint.mac(), endpoint.addresses(), vtep))))
                .orElseGet(() -> remotes.without(name));
    }

    /** Of this node, in the ingress network: it sends what clients outside sent. */
    private boolean isGateway(EndpointRecord endpoint) {
        return network.ingress() && endpoint.name().equals(IngressNames.gateway(self));
    }

    private boolean isSaidToBeHere(EndpointRecord endpoint) {
        return !endpoint.isExternal() && endpoint.node().equals(self);
    }

    private static Optional<InetAddress> vtep(EndpointRecord endpoint, Function<String, Optional<InetAddress>> vtepOf) {
        return endpoint.attachment() instanceof Attachment.External external ? Optional.of(external.vtep()) : vtepOf.apply(endpoint.node());
    }

    /** Ids of the nodes that have an endpoint in it, or told of an external one; live or not. */
    Set<String> nodes() {
        return Set.copyOf(atNode.keySet());
    }

    private NetworkState state(List<ServiceState> serviceStates, List<PolicyState> policyStates) {
        return new NetworkState(network.name(), network.vni(), network.mtu(), NetworkState.gatewayMacOf(network.vni()),
                network.subnets().stream().map(subnet -> new SubnetState(subnet.cidr(), subnet.gateway())).toList(),
                locals, remotes, serviceStates, network.encryption(), policyStates);
    }

    /** In a network with rules each change costs what they name: labels are looked up anew. */
    private List<PolicyState> policyStates() {
        return policies.stream().sorted(PolicyRecord.BY_DECISION).map(PolicyRecord::rule)
                .map(rule -> new PolicyState(rule, addresses(rule.from()), addresses(rule.to()))).toList();
    }

    private Optional<Set<InetAddress>> addresses(PolicySelector selector) {
        return selector.isAny() ? Optional.empty() : Optional.of(Stream.concat(locals.stream(), remotes.stream())
                .filter(member -> selector.matches(member.name(), endpoints.find(member.name()).map(EndpointRecord::labels).orElse(Map.of())))
                .flatMap(member -> member.addresses().stream()).collect(Collectors.toSet()));
    }

    /** One for each VIP; its backends in the order in which the service names them. */
    private List<ServiceState> serviceStates(Predicate<EndpointRecord> serves) {
        List<ServiceState> states = new ArrayList<>();
        for (ServiceRecord service : services) {
            List<Backend> present = service.backends().stream().flatMap(name -> present(name).stream())
                    .flatMap(member -> backends(member, serves)).toList();
            for (InetAddress vip : service.vips()) {
                Map<Boolean, List<Backend>> family = present.stream().filter(backend -> backend.address().getClass() == vip.getClass())
                        .collect(Collectors.partitioningBy(Backend::serves));
                states.add(new ServiceState(service.name(), vip, addresses(family.get(true)), addresses(family.get(false)),
                        spread(service.balancing(), family.get(true))));
            }
        }
        return states;
    }

    private record Backend(String name, InetAddress address, boolean serves) {
    }

    private Stream<Backend> backends(Member member, Predicate<EndpointRecord> serves) {
        boolean takesNewFlows = endpoints.find(member.name()).filter(serves).isPresent();
        return member.addresses().stream().map(address -> new Backend(member.name(), address, takesNewFlows));
    }

    private static List<InetAddress> addresses(List<Backend> backends) {
        return backends.stream().map(Backend::address).toList();
    }

    private static Spread spread(Balancing balancing, List<Backend> backends) {
        List<Integer> weights = balancing.weights().isEmpty() ? List.of()
                : backends.stream().map(backend -> balancing.weight(backend.name())).toList();
        return new Spread(balancing.method(), balancing.affinity(), weights);
    }

    private Optional<? extends Member> present(String name) {
        Optional<LocalEndpoint> here = locals.find(name);
        return here.isPresent() ? here : remotes.find(name);
    }
}
