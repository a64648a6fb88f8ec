package dev.weft.mesh.cluster;

import dev.weft.api.EndpointMode;
import dev.weft.api.ServiceSpec;
import dev.weft.api.ServiceUpdate;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The services of all networks. Thread-safe. */
public final class ServiceRegistry {

    private final ClusterStore store;
    private final Claims claims;
    private final Publications publications;
    private final RandomGenerator random;

    public ServiceRegistry(ClusterStore store, RandomGenerator random) {
        this.store = store;
        this.random = random;
        this.claims = new Claims(store);
        this.publications = new Publications(store, random);
    }

    /**
     * Claims a name and, unless it is for DNS round robin, a VIP in each subnet, and makes the record and what publishes its ports,
     * all in one transaction.
     *
     * @throws WeftException.NameTaken          if the network has an endpoint or service of that name
     * @throws WeftException.AddressUnavailable if the VIP cannot be had
     * @throws WeftException.PoolExhausted      if no address is free
     * @throws WeftException.PortInUse          if somebody else has published one of its ports
     * @throws WeftException.InvalidSpec        if the network is the ingress network
     * @throws WeftException.NotFound           if the network is gone, or ports are to be published and there is no ingress network
     */
    public ServiceRecord create(NetworkRecord handle, ServiceSpec spec) {
        return Retry.whileConflicting("publish service '" + spec.name() + "'", round -> {
            CurrentNetwork current = CurrentNetwork.of(store, handle);
            NetworkRecord network = current.record();
            requireOrdinary(network, spec);
            claims.requireFree(network, spec.name());
            String who = who(spec);
            ServiceRecord service = record(network, spec, vips(network, spec, round));
            NetworkRegistry.requireFormat(store, service, who);
            List<Change> changes = new ArrayList<>(current.unchanged());
            changes.addAll(Claims.claim(network.name(), spec.name(), service.vips(), who));
            changes.add(new Change.Create(path(service), RecordCodec.encode(service)));
            changes.addAll(publications.publish(request(network, spec), round));
            store.commit(changes);
            return service;
        });
    }

    /**
     * Changes a service and what publishes its ports, all in one transaction. Of several changes at once each begins with what the others
     * left.
     *
     * @param handle the service as it was known; what was changed about it meanwhile stays, unless this changes it again
     * @throws WeftException.NotFound      if the service or the network is gone, it has not published what is to be taken away, or ports are
     *                                     to be published and there is no ingress network
     * @throws WeftException.InvalidSpec   if it cannot be so
     * @throws WeftException.PortInUse     if somebody else has published one of its ports
     * @throws WeftException.PoolExhausted if no address is free for a VIP
     */
    public ServiceRecord update(NetworkRecord networkHandle, ServiceRecord handle, ServiceUpdate change) {
        return Retry.whileConflicting("change service '" + handle.name() + "'", round -> {
            CurrentNetwork current = CurrentNetwork.of(store, networkHandle);
            NetworkRecord network = current.record();
            ClusterStore.Entry entry = store.read(path(handle)).filter(now -> handle.isSame(decode(now)))
                    .orElseThrow(() -> new WeftException.NotFound("network '" + network.name() + "' has no service '" + handle.name() + "' now"));
            ServiceRecord before = decode(entry);
            ServiceSpec spec = change.applyTo(before.spec());
            List<InetAddress> vips = spec.mode() == before.mode() ? before.vips() : vips(network, spec, round);
            ServiceRecord after = record(network, spec, vips);
            NetworkRegistry.requireFormat(store, after, who(spec));
            List<Change> changes = new ArrayList<>(current.unchanged());
            changes.add(new Change.Replace(path(after), RecordCodec.encode(after, entry.data()), entry.version()));
            changes.addAll(Claims.exchange(network.name(), before.vips(), vips, who(spec)));
            changes.addAll(spec.publication().isNone() ? publications.withdraw(network.name(), spec.name())
                    : publications.publish(request(network, spec), round));
            store.commit(changes);
            return after;
        });
    }

    private static String who(ServiceSpec spec) {
        return "service '" + spec.name() + "'";
    }

    private List<InetAddress> vips(NetworkRecord network, ServiceSpec spec, int round) {
        return spec.mode() == EndpointMode.DNSRR ? List.of() : new AddressChoice(network, who(spec), spec.vip().map(List::of).orElse(List.of()))
                .choose(new FreeAddresses(claims, network, round, random), true);
    }

    private static ServiceRecord record(NetworkRecord network, ServiceSpec spec, List<InetAddress> vips) {
        return new ServiceRecord(network.name(), spec.name(), spec.mode(), spec.balancing(), vips, spec.backends(), spec.publication());
    }

    private static Publications.Request request(NetworkRecord network, ServiceSpec spec) {
        return new Publications.Request(network, spec.name(), who(spec), spec.backends(), spec.balancing(), spec.publication(), Optional.empty());
    }

    private static void requireOrdinary(NetworkRecord network, ServiceSpec spec) {
        if (network.ingress()) {
            throw new WeftException.InvalidSpec("network '" + network.name() + "' is the ingress network, which only carries what comes by published "
                    + "ports; publish service '" + spec.name() + "' in the network that its backends are in");
        }
    }

    /** Removes the record and gives free what it claimed. Does nothing when it is gone already. */
    public void remove(ServiceRecord handle) {
        Retry.whileConflicting("remove service '" + handle.name() + "'", () -> {
            store.read(path(handle)).filter(now -> handle.isSame(decode(now))).ifPresent(this::remove);
            return null;
        });
    }

    private void remove(ClusterStore.Entry entry) {
        ServiceRecord service = decode(entry);
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Delete(path(service), entry.version()));
        changes.addAll(Claims.release(service.network(), service.name(), service.vips()));
        if (!service.publication().isNone()) {
            changes.addAll(publications.withdraw(service.network(), service.name()));
        }
        try {
            store.commit(changes);
        } catch (StoreConflict e) {
            if (find(service.network(), service.name()).filter(service::equals).isPresent()) {
                throw new IllegalStateException("the claims of service '" + service.name() + "' are not as they were made", e);
            }
            throw e;
        }
    }

    /** By name. */
    public List<ServiceRecord> of(NetworkRecord network) {
        return store.children(Layout.services(network.name())).stream().flatMap(name -> find(network.name(), name).stream()).toList();
    }

    public Optional<ServiceRecord> find(String network, String name) {
        return store.read(Layout.services(network) + "/" + name).map(ServiceRegistry::decode);
    }

    private static ServiceRecord decode(ClusterStore.Entry entry) {
        return RecordCodec.decode(entry.data(), ServiceRecord.class);
    }

    private static String path(ServiceRecord service) {
        return Layout.services(service.network()) + "/" + service.name();
    }
}
