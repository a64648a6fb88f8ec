package dev.weft.mesh.cluster;

import dev.weft.api.Attachment;
import dev.weft.api.Balancing;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.mesh.ipam.MacPool;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The endpoints of all networks. Thread-safe. */
public final class EndpointRegistry {

    private static final HealthStatus FIRST_HEALTH = new HealthStatus(Health.STARTING, "");

    private final ClusterStore store;
    private final Claims claims;
    private final Publications publications;
    private final RandomGenerator random;

    public EndpointRegistry(ClusterStore store, RandomGenerator random) {
        this.store = store;
        this.claims = new Claims(store);
        this.publications = new Publications(store, random);
        this.random = random;
    }

    /**
     * Claims a name, addresses and a MAC, and makes the endpoint's record and what publishes its ports, all in one transaction.
     *
     * @param node that attaches it, and owns all that is made but what publishes its ports
     * @throws WeftException.NameTaken          if the network has an endpoint or service of that name
     * @throws WeftException.AddressUnavailable if an address or the MAC cannot be had
     * @throws WeftException.PoolExhausted      if no address is free
     * @throws WeftException.NodeDrained        if the node takes no new endpoints
     * @throws WeftException.NotAttachable      if the network is for services only and none names the endpoint
     * @throws WeftException.PortInUse          if somebody else has published one of its ports
     * @throws WeftException.NotFound           if the network is gone, or ports are to be published and there is no ingress network
     */
    public EndpointRecord create(NetworkRecord handle, EndpointSpec spec, NodeRecord node) {
        return Retry.whileConflicting("attach endpoint '" + spec.name() + "'", round -> {
            CurrentNetwork current = CurrentNetwork.of(store, handle);
            NetworkRecord network = current.record();
            claims.requireFree(network, spec.name());
            requireAttachable(network, spec, node);
            ClusterStore.Entry host = requireActive(node, network);
            boolean told = spec.attachment() instanceof Attachment.External;
            String who = EndpointClaims.owner(spec.name());
            List<InetAddress> addresses = new AddressChoice(network, who, spec.addresses())
                    .choose(new FreeAddresses(claims, network, round, random), !told);
            EndpointRecord endpoint = new EndpointRecord(network.name(), spec.name(), node.id(), mac(network, spec, addresses), addresses,
                    spec.aliases(), spec.attachment(), firstHealth(network, spec, node), written(spec.check()), spec.publication(),
                    spec.labels());
            List<Change> further = new ArrayList<>(publications.publish(new Publications.Request(network, spec.name(), who,
                    List.of(spec.name()), Balancing.EVEN, spec.publication(), Optional.of(node.id())), round));
            further.add(new Change.Check(Layout.node(node.id()), host.version()));
            commit(endpoint, current, further);
            return endpoint;
        });
    }

    /** What an endpoint's record says of its check: a callback is its node's alone. */
    public static Optional<HealthCheck> written(Optional<HealthCheck> check) {
        return check.filter(each -> !(each.probe() instanceof HealthCheck.Callback));
    }

    /** What stands for a backend in the ingress network gets no flows before its way back is made. */
    private static HealthStatus firstHealth(NetworkRecord network, EndpointSpec spec, NodeRecord node) {
        boolean member = network.ingress() && !spec.name().equals(IngressNames.gateway(node.id()));
        return member || spec.check().isPresent() ? FIRST_HEALTH : HealthStatus.NONE;
    }

    /** The ingress network takes what stands for backends of published services, and each node's gateway. */
    private void requireAttachable(NetworkRecord network, EndpointSpec spec, NodeRecord node) {
        boolean gateway = network.ingress() && spec.name().equals(IngressNames.gateway(node.id()));
        if (!network.attachable() && !gateway && new ServiceRegistry(store, random).of(network).stream()
                .noneMatch(service -> service.backends().contains(spec.name()))) {
            throw new WeftException.NotAttachable("network '" + network.name() + "' is for services only, and none of them names '" + spec.name()
                    + "' as a backend; publish the service first, or make the network attachable");
        }
    }

    /**
     * Whether it is drained is decided with the transaction: its record has to be the one that was read. What a node attaches by itself to
     * the ingress network follows from what it has.
     */
    private ClusterStore.Entry requireActive(NodeRecord node, NetworkRecord network) {
        ClusterStore.Entry entry = store.read(Layout.node(node.id())).orElseThrow(() -> new WeftException.NodeClosed(
                "this node is not a member of the cluster any more; another one has taken its name"));
        if (!network.ingress() && RecordCodec.decode(entry.data(), NodeRecord.class).drained()) {
            throw new WeftException.NodeDrained("node '" + node.name() + "' is drained and takes no new endpoints; attach at another node, or "
                    + "activate this one (weft node activate " + node.name() + ")");
        }
        return entry;
    }

    private MacAddress mac(NetworkRecord network, EndpointSpec spec, List<InetAddress> addresses) {
        if (spec.mac().isEmpty()) {
            MacAddress usual = MacPool.of(addresses);
            return store.read(Layout.mac(network.name(), usual)).isEmpty() ? usual : MacPool.draw(random);
        }
        MacAddress mac = spec.mac().get();
        if (MacPool.isGateway(mac)) {
            throw new WeftException.AddressUnavailable("MAC address " + mac + " is of the range that gateways have; take another");
        }
        store.read(Layout.mac(network.name(), mac)).ifPresent(owner -> {
            throw new WeftException.AddressUnavailable("MAC address " + mac + " is taken by " + new String(owner.data(), StandardCharsets.UTF_8)
                    + "; take another, or let the cluster choose");
        });
        return mac;
    }

    private void commit(EndpointRecord endpoint, CurrentNetwork current, List<Change> further) {
        String network = endpoint.network();
        List<Change> changes = new ArrayList<>(current.unchanged());
        Stream.concat(EndpointClaims.of(endpoint), Stream.of(new Change.Create(path(endpoint), RecordCodec.encode(endpoint)),
                Layout.directory(Layout.attached(endpoint.node(), network, endpoint.name()))))
                .map(entry -> entry.ownedBy(endpoint.node())).forEach(changes::add);
        changes.addAll(further);
        store.commit(changes);
    }

    /** Removes the record and gives free what it claimed. Does nothing when it is gone already. */
    public void remove(EndpointRecord endpoint) {
        String network = endpoint.network();
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Delete(path(endpoint)));
        EndpointClaims.of(endpoint).map(claim -> new Change.Delete(claim.path())).forEach(changes::add);
        changes.add(new Change.Delete(Layout.attached(endpoint.node(), network, endpoint.name())));
        if (!endpoint.publication().isNone()) {
            changes.addAll(publications.withdraw(network, endpoint.name()));
        }
        try {
            store.commit(changes);
        } catch (StoreConflict e) {
            if (find(network, endpoint.name()).filter(endpoint::isSame).isPresent()) {
                throw new IllegalStateException("the claims of endpoint '" + endpoint.name() + "' are not as they were made", e);
            }
        }
    }

    /** Writes how an endpoint fares, unless that is known already, or the endpoint is gone. For the node that attached it. */
    public void setHealth(EndpointRecord endpoint, HealthStatus health) {
        Retry.whileConflicting("tell how endpoint '" + endpoint.name() + "' fares", () -> {
            Optional<ClusterStore.Entry> entry = store.read(path(endpoint));
            Optional<EndpointRecord> now = entry.map(found -> RecordCodec.decode(found.data(), EndpointRecord.class)).filter(endpoint::isSame);
            if (now.isPresent() && !now.get().health().equals(health)) {
                byte[] record = RecordCodec.encode(endpoint.withHealth(health), entry.get().data());
                store.commit(new Change.Replace(path(endpoint), record, entry.get().version()));
            }
            return health;
        });
    }

    /** By name, those of dead nodes too. */
    public List<EndpointRecord> of(NetworkRecord network) {
        return store.children(Layout.endpoints(network.name())).stream().flatMap(name -> find(network.name(), name).stream()).toList();
    }

    /** What a node attached or told of, in all networks. */
    public List<EndpointRecord> at(String nodeId) {
        return store.children(Layout.attachedAt(nodeId)).stream().map(Layout::networkAndEndpoint)
                .flatMap(names -> find(names[0], names[1]).stream()).filter(endpoint -> endpoint.node().equals(nodeId)).toList();
    }

    /** @throws WeftException.ManagerUnreachable if the store is away */
    public Optional<EndpointRecord> find(String network, String name) {
        return store.read(Layout.endpoint(network, name)).map(entry -> RecordCodec.decode(entry.data(), EndpointRecord.class));
    }

    private static String path(EndpointRecord endpoint) {
        return Layout.endpoint(endpoint.network(), endpoint.name());
    }
}
