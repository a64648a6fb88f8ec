package dev.weft.mesh.cluster;

import dev.weft.api.Balancing;
import dev.weft.api.EndpointMode;
import dev.weft.api.Publication;
import dev.weft.api.PublishMode;
import dev.weft.api.PublishedPort;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is published, as services of the ingress network: each stands for a service or an endpoint of another network, has a VIP of its own
 * there, and as backends the members that stand for the other's. One is made at a time, for each has to know all others: every one
 * replaces the ingress network's claim.
 */
final class Publications {

    private final ClusterStore store;
    private final Claims claims;
    private final RandomGenerator random;

    Publications(ClusterStore store, RandomGenerator random) {
        this.store = store;
        this.claims = new Claims(store);
        this.random = random;
    }

    /**
     * What is to be published, and by whom.
     *
     * @param who      for messages: {@code service 'web'}
     * @param backends names of endpoints of the network
     * @param node     where the only backend is about to be attached; empty: backends are where they are
     */
    record Request(NetworkRecord network, String name, String who, List<String> backends, Balancing balancing, Publication publication,
                   Optional<String> node) {

        String owner() {
            return who + " of network '" + network.name() + "'";
        }

        List<String> members() {
            return backends.stream().map(this::member).toList();
        }

        /** As a service of the ingress network, whose members stand for the backends. */
        ServiceRecord published(String ingress, String service, List<InetAddress> vips) {
            return new ServiceRecord(ingress, service, EndpointMode.VIP, memberBalancing(), vips, members(), publication);
        }

        private Balancing memberBalancing() {
            return new Balancing(balancing.method(), balancing.affinity(), balancing.weights().entrySet().stream()
                    .collect(Collectors.toMap(weight -> member(weight.getKey()), Map.Entry::getValue)));
        }

        private String member(String backend) {
            return IngressNames.of(network.name(), backend);
        }
    }

    /**
     * What publishes, for the transaction that makes the owner or changes what he publishes; nothing when there is nothing to publish. What
     * he has published before keeps its VIP, and so its flows.
     *
     * @param round how often others have been faster so far
     * @throws WeftException.PortInUse     if somebody else has published a port; with his name
     * @throws WeftException.NotFound      if there is no ingress network
     * @throws WeftException.InvalidSpec   if the network's subnets overlap those of the ingress network, a port is bound to an address of a
     *                                     family that that one has not, or to ::1, or a backend cannot answer by it
     * @throws WeftException.PoolExhausted if the ingress network has no address left
     */
    List<Change> publish(Request request, int round) {
        if (request.publication().isNone()) {
            return List.of();
        }
        ClusterStore.Entry claim = store.read(Layout.INGRESS).orElseThrow(() -> new WeftException.NotFound(request.owner() + " cannot publish "
                + request.publication().ports() + ": the cluster has no ingress network; make one (weft network create --ingress NAME)"));
        NetworkRecord ingress = network(claim).orElseThrow();
        requireApart(request, ingress);
        requireFamilies(request, ingress);
        requireAnswerable(request);
        requireFree(request, ingress);
        CurrentNetwork current = CurrentNetwork.of(store, ingress);
        String name = IngressNames.service(request.network().name(), request.name());
        List<Change> changes = new ArrayList<>(current.unchanged());
        changes.add(new Change.Replace(Layout.INGRESS, claim.data(), claim.version()));
        Optional<ClusterStore.Entry> before = store.read(path(ingress.name(), name));
        if (before.isPresent()) {
            ServiceRecord service = request.published(ingress.name(), name, service(before.get()).vips());
            changes.add(new Change.Replace(path(ingress.name(), name), RecordCodec.encode(service, before.get().data()), before.get().version()));
            return changes;
        }
        List<InetAddress> vips = new AddressChoice(ingress, request.owner(), List.of())
                .choose(new FreeAddresses(claims, ingress, round, random), true);
        changes.addAll(Claims.claim(ingress.name(), name, vips, request.owner()));
        changes.add(new Change.Create(path(ingress.name(), name), RecordCodec.encode(request.published(ingress.name(), name, vips))));
        return changes;
    }

    /** What takes back all that an owner has published, for the transaction that removes the owner or leaves him no port. */
    List<Change> withdraw(String network, String owner) {
        Optional<ServiceRecord> published = store.read(Layout.INGRESS)
                .flatMap(claim -> store.read(path(text(claim), IngressNames.service(network, owner)))).map(Publications::service);
        if (published.isEmpty()) {
            return List.of();
        }
        ServiceRecord service = published.get();
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Delete(path(service.network(), service.name())));
        changes.addAll(Claims.release(service.network(), service.name(), service.vips()));
        return changes;
    }

    /** Who has published what, in words; nothing when nobody has published anything. */
    List<String> owners(NetworkRecord ingress) {
        return services(ingress).stream().map(service -> owner(service) + " " + service.publication().ports()).toList();
    }

    /** Backends have an interface in either network, and one table of routes. */
    private static void requireApart(Request request, NetworkRecord ingress) {
        request.network().subnets().forEach(subnet -> ingress.subnets().stream().filter(other -> other.cidr().overlaps(subnet.cidr())).findFirst()
                .ifPresent(other -> {
                    throw new WeftException.InvalidSpec(request.owner() + " cannot publish ports: subnet " + subnet.cidr() + " overlaps "
                            + other.cidr()
                            + " of the ingress network '" + ingress.name() + "', in which its backends have an address too; make the ingress "
                            + "network anew with another subnet");
                }));
    }

    /** What comes in by a family crosses the ingress network by it. */
    private static void requireFamilies(Request request, NetworkRecord ingress) {
        for (PublishedPort port : request.publication().ports()) {
            port.address().filter(bind -> bind instanceof Inet6Address && bind.isLoopbackAddress()).ifPresent(loopback -> {
                throw new WeftException.InvalidSpec(request.owner() + " cannot publish '" + port + "': what is asked at ::1 does not leave the host; "
                        + "take 127.0.0.1, or an address of a node");
            });
            port.address().map(Inet4Address.class::isInstance)
                    .filter(ipv4 -> ingress.subnets().stream().noneMatch(subnet -> subnet.cidr().isIpv4() == ipv4)).ifPresent(ipv4 -> {
                        throw new WeftException.InvalidSpec(request.owner() + " cannot publish '" + port + "': the ingress network '" + ingress.name()
                                + "' has no " + (ipv4 ? "IPv4" : "IPv6") + " subnet; make that one anew with one, or take another address");
                    });
        }
    }

    /** Those backends that are attached by now; what is attached later and cannot answer gets no flows. */
    private void requireAnswerable(Request request) {
        attached(request.network().name(), request.backends())
                .forEach(backend -> request.publication().requireAnswerable(backend.name(), backend.attachment()));
    }

    private void requireFree(Request request, NetworkRecord ingress) {
        String own = IngressNames.service(request.network().name(), request.name());
        for (ServiceRecord other : services(ingress)) {
            if (other.name().equals(own)) {
                continue;
            }
            for (PublishedPort port : request.publication().ports()) {
                other.publication().ports().stream().filter(port::overlaps).filter(taken -> meet(port, request, taken, other)).findFirst()
                        .ifPresent(taken -> {
                            throw new WeftException.PortInUse(request.owner() + " cannot publish '" + port + "': " + owner(other)
                                    + " has published '" + taken + "'; take another port, or remove that one first");
                        });
            }
        }
    }

    /** Two ports of mode host may be the same as long as they are on different nodes. */
    private boolean meet(PublishedPort port, Request request, PublishedPort taken, ServiceRecord other) {
        if (port.mode() != PublishMode.HOST || taken.mode() != PublishMode.HOST) {
            return true;
        }
        Set<String> theirs = nodesOf(IngressNames.networkAndOwner(other.name()));
        return request.node().map(Set::of).orElseGet(() -> nodes(request.network().name(), request.backends())).stream().anyMatch(theirs::contains);
    }

    /** Where the backends of one that has published are. */
    private Set<String> nodesOf(String[] networkAndOwner) {
        String network = networkAndOwner[0];
        String owner = networkAndOwner[1];
        return nodes(network, store.read(path(network, owner)).map(entry -> service(entry).backends()).orElse(List.of(owner)));
    }

    private Set<String> nodes(String network, Collection<String> endpoints) {
        return attached(network, endpoints).map(EndpointRecord::node).collect(Collectors.toSet());
    }

    private Stream<EndpointRecord> attached(String network, Collection<String> endpoints) {
        return endpoints.stream().flatMap(name -> store.read(Layout.endpoint(network, name)).stream())
                .map(entry -> RecordCodec.decode(entry.data(), EndpointRecord.class));
    }

    private List<ServiceRecord> services(NetworkRecord ingress) {
        return store.children(Layout.services(ingress.name())).stream().flatMap(name -> store.read(path(ingress.name(), name)).stream())
                .map(Publications::service).toList();
    }

    private String owner(ServiceRecord published) {
        return store.read(Layout.name(published.network(), published.name())).map(Publications::text).orElse(published.name());
    }

    private Optional<NetworkRecord> network(ClusterStore.Entry claim) {
        return store.read(Layout.network(text(claim))).map(entry -> RecordCodec.decode(entry.data(), NetworkRecord.class));
    }

    private static ServiceRecord service(ClusterStore.Entry entry) {
        return RecordCodec.decode(entry.data(), ServiceRecord.class);
    }

    private static String text(ClusterStore.Entry claim) {
        return new String(claim.data(), StandardCharsets.UTF_8);
    }

    private static String path(String ingress, String service) {
        return Layout.services(ingress) + "/" + service;
    }
}
