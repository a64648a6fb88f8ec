package dev.weft.mesh;

import dev.weft.api.Cidr;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.LeakReport;
import dev.weft.api.NetworkInfo;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.PolicyInfo;
import dev.weft.api.PolicyRule;
import dev.weft.api.Service;
import dev.weft.api.ServiceInfo;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.path.PolicyState;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.dns.NetworkNames;
import dev.weft.mesh.dns.NodeNames;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A network seen from one node. What it tells comes from the store at each call. */
final class WeftNetwork implements OverlayNetwork {

    private final WeftNode node;
    private final NetworkRecord record;

    WeftNetwork(WeftNode node, NetworkRecord record) {
        this.node = node;
        this.record = record;
    }

    /** As it is in the store; as it was when the handle was made while the store is away. */
    @Override
    public NetworkInfo info() {
        try {
            return registries().networks().find(record.name()).filter(now -> now.vni() == record.vni()).orElse(record).info();
        } catch (WeftException.ManagerUnreachable e) {
            return record.info();
        }
    }

    @Override
    public NetworkInfo grow(SubnetSpec further) {
        node.requireManager("grow networks");
        return registries().networks().grow(record, further).info();
    }

    @Override
    public NetworkInfo grow(Cidr ipRange) {
        node.requireManager("grow networks");
        return registries().networks().grow(record, ipRange).info();
    }

    @Override
    public Endpoint attach(EndpointSpec spec) {
        return node.local().attach(record, spec);
    }

    @Override
    public void detach(String endpointName) {
        LocalEndpoints endpoints = node.local();
        endpoints.detach(endpoints.find(record.name(), endpointName).orElseThrow(() -> new WeftException.NotFound("node '" + node.info().name()
                + "' has no endpoint '" + endpointName + "' in network '" + record.name() + "'; detach it at the node that attached it")));
    }

    @Override
    public Service publish(ServiceSpec spec) {
        node.requireManager("publish services");
        return new WeftService(this, registries().services().create(record, spec));
    }

    /** What this node does not know of (yet), the store may. */
    @Override
    public List<InetAddress> resolve(String name) {
        NodeNames names = node.names();
        List<InetAddress> known = names.of(record.vni()).map(own -> names.resolve(record.vni(), own, name)).orElse(List.of());
        return known.isEmpty() ? names.resolve(record.vni(), storedNames(), name) : known;
    }

    private NetworkNames storedNames() {
        Set<String> serving = servingNames();
        return NetworkNames.of(record, present(), endpoint -> serving.contains(endpoint.name()), registries().services().of(record));
    }

    @Override
    public List<EndpointInfo> endpoints() {
        Map<String, NodeRecord> nodes = registries().membership().nodes().stream()
                .collect(Collectors.toMap(NodeRecord::id, Function.identity()));
        return present().stream().filter(endpoint -> nodes.containsKey(endpoint.node()))
                .map(endpoint -> endpoint.info(nodes.get(endpoint.node()))).toList();
    }

    /** Those of live nodes, and external ones. */
    private List<EndpointRecord> present() {
        Set<String> live = registries().membership().live();
        return registries().endpoints().of(record).stream()
                .filter(endpoint -> endpoint.isExternal() || live.contains(endpoint.node())).toList();
    }

    /** Of endpoints that services choose from. */
    Set<String> servingNames() {
        Set<String> drained = registries().membership().nodes().stream().filter(NodeRecord::drained).map(NodeRecord::id)
                .collect(Collectors.toSet());
        return present().stream().filter(endpoint -> endpoint.health().health().takesNewFlows())
                .filter(endpoint -> endpoint.isExternal() || !drained.contains(endpoint.node())).map(EndpointRecord::name)
                .collect(Collectors.toSet());
    }

    @Override
    public List<Endpoint> localEndpoints() {
        return List.copyOf(node.local().of(record.name()));
    }

    @Override
    public List<ServiceInfo> services() {
        Set<String> serving = servingNames();
        return registries().services().of(record).stream().map(service -> service.info(serving)).toList();
    }

    @Override
    public Service service(String name) {
        return registries().services().find(record.name(), name).map(service -> new WeftService(this, service))
                .orElseThrow(() -> new WeftException.NotFound("network '" + record.name() + "' has no service '" + name + "'"));
    }

    @Override
    public PolicyInfo addPolicy(PolicyRule rule) {
        node.requireManager("add rules");
        return info(registries().policies().create(record, rule), node.counters());
    }

    @Override
    public List<PolicyInfo> policies() {
        CounterSnapshot counters = node.counters();
        return registries().policies().of(record).stream().map(policy -> info(policy, counters)).toList();
    }

    private PolicyInfo info(PolicyRecord policy, CounterSnapshot counters) {
        return new PolicyInfo(record.name(), policy.rule(), counters.value(PolicyState.scope(record.name(), policy.name()), "hits"));
    }

    @Override
    public void removePolicy(String name) {
        node.requireManager("remove rules");
        registries().policies().remove(record, name);
    }

    @Override
    public LeakReport verify() {
        return node.verify(this);
    }

    @Override
    public void rotateKeys() {
        node.requireManager("replace keys");
        registries().networks().rotateKeys(record);
    }

    /** As it is in the store, or as it was. */
    ServiceRecord current(ServiceRecord service) {
        return registries().services().find(record.name(), service.name()).filter(service::isSame).orElse(service);
    }

    ServiceRecord update(ServiceRecord service, ServiceUpdate change) {
        node.requireManager("change services");
        requireOrdinary(service, "change");
        return registries().services().update(record, service, change);
    }

    void remove(ServiceRecord service) {
        node.requireManager("remove services");
        requireOrdinary(service, "remove");
        registries().services().remove(service);
    }

    private void requireOrdinary(ServiceRecord service, String what) {
        if (record.ingress()) {
            throw new WeftException.InUse("service '" + service.name() + "' of network '" + record.name() + "' is there for another network's, which "
                    + "has published ports; " + what + " that one");
        }
    }

    @Override
    public void remove() {
        node.requireManager("remove networks");
        registries().networks().remove(record);
    }

    private Registries registries() {
        return node.registries();
    }
}
