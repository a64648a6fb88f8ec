package dev.weft.mesh.cluster;

import dev.weft.api.Cidr;
import dev.weft.api.NetworkSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.ipam.SubnetPool;
import dev.weft.mesh.ipam.VniPool;
import dev.weft.mesh.model.AllocationRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The cluster's networks. Thread-safe. */
public final class NetworkRegistry {

    private final ClusterStore store;

    public NetworkRegistry(ClusterStore store) {
        this.store = store;
    }

    /**
     * Makes a network. Every one replaces the allocation record, so two nodes never choose the same VNI or subnet.
     *
     * @param defaultMtu    for a network that names none
     * @param nodeAddresses a subnet that the cluster chooses holds none of them
     */
    public NetworkRecord create(NetworkSpec spec, int defaultMtu, Collection<InetAddress> nodeAddresses) {
        return Retry.whileConflicting("make network '" + spec.name() + "'", () -> {
            ClusterStore.Entry allocation = store.read(Layout.NETWORKS).orElseThrow();
            List<NetworkRecord> others = all();
            if (others.stream().anyMatch(other -> other.name().equals(spec.name()))) {
                throw new WeftException.NameTaken("network '" + spec.name() + "' exists already; take another name, or remove it first");
            }
            int start = RecordCodec.decode(allocation.data(), AllocationRecord.class).nextVni();
            NetworkRecord network = new NetworkRecord(spec.name(), vni(spec, start, others), mtu(spec, defaultMtu),
                    subnets(spec, others, nodeAddresses), spec.attachable(), spec.encryption());
            int next = spec.vni().isPresent() ? start : VniPool.after(network.vni());
            commit(network, new Change.Replace(Layout.NETWORKS, RecordCodec.encode(new AllocationRecord(next)), allocation.version()));
            return network;
        });
    }

    private void commit(NetworkRecord network, Change allocation) {
        String name = network.name();
        store.commit(allocation,
                new Change.Create(Layout.vni(network.vni()), name.getBytes(StandardCharsets.UTF_8)),
                Layout.directory(Layout.claims(name)), Layout.directory(Layout.names(name)),
                Layout.directory(Layout.addresses(name)), Layout.directory(Layout.macs(name)),
                new Change.Create(Layout.network(name), RecordCodec.encode(network)),
                Layout.directory(Layout.endpoints(name)), Layout.directory(Layout.services(name)));
    }

    private static int vni(NetworkSpec spec, int start, List<NetworkRecord> others) {
        Set<Integer> taken = others.stream().map(NetworkRecord::vni).collect(Collectors.toSet());
        if (spec.vni().isEmpty()) {
            return VniPool.firstFree(start, taken).orElseThrow(() -> new WeftException.InvalidSpec("no VNI is free; remove a network"));
        }
        int vni = spec.vni().getAsInt();
        if (taken.contains(vni)) {
            String owner = others.stream().filter(other -> other.vni() == vni).findFirst().orElseThrow().name();
            throw new WeftException.InvalidSpec("VNI " + vni + " is taken by network '" + owner + "'; take another, or let the cluster choose");
        }
        return vni;
    }

    private static int mtu(NetworkSpec spec, int defaultMtu) {
        int mtu = spec.mtu().orElse(Math.min(defaultMtu, NetworkSpec.MAX_MTU));
        boolean ipv6 = spec.subnets().stream().anyMatch(subnet -> !subnet.cidr().isIpv4());
        int least = ipv6 ? NetworkSpec.MIN_MTU_IPV6 : NetworkSpec.MIN_MTU;
        if (mtu < least) {
            throw new WeftException.InvalidSpec("the uplink leaves an MTU of " + mtu + ", and network '" + spec.name() + "' needs " + least
                    + "; raise the uplink's MTU");
        }
        return mtu;
    }

    private static List<SubnetRecord> subnets(NetworkSpec spec, List<NetworkRecord> others, Collection<InetAddress> nodeAddresses) {
        if (!spec.subnets().isEmpty()) {
            return spec.subnets().stream().map(SubnetPool::complete).toList();
        }
        List<Cidr> taken = others.stream().flatMap(other -> other.subnets().stream()).map(SubnetRecord::cidr).toList();
        Cidr free = SubnetPool.firstFree(taken, nodeAddresses).orElseThrow(() -> new WeftException.InvalidSpec(
                "no /24 of 10.0.0.0/8 is free for network '" + spec.name() + "'; name a subnet"));
        return List.of(SubnetPool.complete(new SubnetSpec(free, Optional.empty(), Optional.empty())));
    }

    /** By name. */
    public List<NetworkRecord> all() {
        return store.children(Layout.NETWORKS).stream().flatMap(name -> find(name).stream()).toList();
    }

    public Optional<NetworkRecord> find(String name) {
        return store.read(Layout.network(name)).map(entry -> RecordCodec.decode(entry.data(), NetworkRecord.class));
    }

    /**
     * @throws WeftException.InUse    if endpoints or services are left in it
     * @throws WeftException.NotFound if there is none
     */
    public void remove(NetworkRecord network) {
        String name = network.name();
        try {
            store.commit(new Change.Delete(Layout.endpoints(name)), new Change.Delete(Layout.services(name)),
                    new Change.Delete(Layout.network(name)), new Change.Delete(Layout.names(name)),
                    new Change.Delete(Layout.addresses(name)), new Change.Delete(Layout.macs(name)),
                    new Change.Delete(Layout.claims(name)), new Change.Delete(Layout.vni(network.vni())));
        } catch (StoreConflict e) {
            if (e.kind() == StoreConflict.Kind.MISSING) {
                throw notFound(name);
            }
            throw new WeftException.InUse("network '" + name + "' has endpoints " + store.children(Layout.endpoints(name)) + " and services "
                    + store.children(Layout.services(name)) + "; detach and remove them first", e);
        }
    }

    public static WeftException.NotFound notFound(String name) {
        return new WeftException.NotFound("the cluster has no network '" + name + "'; make it first, or look at the names there are");
    }
}
