package dev.weft.mesh.cluster;

import dev.weft.api.Cidr;
import dev.weft.api.NetworkSpec;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.ipam.SubnetPool;
import dev.weft.mesh.ipam.VniPool;
import dev.weft.mesh.model.AllocationRecord;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.StateFormat;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The cluster's networks. Thread-safe. */
public final class NetworkRegistry {

    /** The ingress network's subnet, unless it names one: wide enough for large clusters, and in no range that networks usually get. */
    private static final SubnetPoolSpec INGRESS_POOL = new SubnetPoolSpec(Cidr.parse("172.16.0.0/12"), 20);
    /** Below those that are given. */
    public static final int INGRESS_VNI = VniPool.FIRST - 1;

    private final ClusterStore store;
    private final EndpointRegistry endpoints;
    private final Publications publications;

    public NetworkRegistry(ClusterStore store, EndpointRegistry endpoints, RandomGenerator random) {
        this.store = store;
        this.endpoints = endpoints;
        this.publications = new Publications(store, random);
    }

    /**
     * Makes a network. Every one replaces the allocation record, so two nodes never choose the same VNI or subnet.
     *
     * @param defaultMtu    for a network that names none
     * @param nodeAddresses a subnet that the cluster chooses holds none of them
     * @throws WeftException.NameTaken     if there is a network of that name, or a second ingress network is asked for
     * @throws WeftException.PoolExhausted if no VNI, or no subnet for a network that names none, is free
     */
    public NetworkRecord create(NetworkSpec spec, int defaultMtu, Collection<InetAddress> nodeAddresses) {
        return Retry.whileConflicting("make network '" + spec.name() + "'", () -> {
            ClusterStore.Entry allocation = store.read(Layout.NETWORKS).orElseThrow();
            if (find(spec.name()).isPresent()) {
                throw new WeftException.NameTaken("network '" + spec.name() + "' exists already; take another name, or remove it first");
            }
            requireFirstIngress(spec);
            int start = RecordCodec.decode(allocation.data(), AllocationRecord.class).nextVni();
            NetworkRecord network = new NetworkRecord(spec.name(), vni(spec, start), mtu(spec, defaultMtu),
                    subnets(spec, nodeAddresses), spec.attachable(), spec.encryption(), spec.internal(), spec.ingress());
            requireFormat(network);
            int next = spec.vni().isPresent() ? start : VniPool.after(network.vni());
            commit(network, new Change.Replace(Layout.NETWORKS, RecordCodec.encode(new AllocationRecord(next), allocation.data()),
                    allocation.version()));
            return network;
        });
    }

    private void requireFirstIngress(NetworkSpec spec) {
        if (spec.ingress()) {
            store.read(Layout.INGRESS).ifPresent(other -> {
                throw new WeftException.NameTaken("the cluster has an ingress network, '" + new String(other.data(), StandardCharsets.UTF_8)
                        + "', and takes no second one; remove it first, or make '" + spec.name() + "' an ordinary network");
            });
        }
    }

    private void commit(NetworkRecord network, Change allocation) {
        String name = network.name();
        List<Change> changes = new ArrayList<>(List.of(allocation,
                new Change.Create(Layout.vni(network.vni()), name.getBytes(StandardCharsets.UTF_8)),
                Layout.directory(Layout.claims(name)), Layout.directory(Layout.names(name)),
                Layout.directory(Layout.addresses(name)), Layout.directory(Layout.macs(name)),
                new Change.Create(Layout.network(name), RecordCodec.encode(network)),
                Layout.directory(Layout.endpoints(name)), Layout.directory(Layout.services(name))));
        if (network.ingress()) {
            changes.add(new Change.Create(Layout.INGRESS, name.getBytes(StandardCharsets.UTF_8)));
        }
        store.commit(changes);
    }

    private int vni(NetworkSpec spec, int start) {
        if (spec.vni().isEmpty()) {
            Set<Integer> taken = store.children(Layout.VNIS).stream().map(Integer::valueOf).collect(Collectors.toSet());
            return VniPool.firstFree(start, taken).orElseThrow(() -> new WeftException.PoolExhausted("no VNI is free for network '" + spec.name()
                    + "': all from " + VniPool.FIRST + " to " + NetworkSpec.MAX_VNI + " are taken; remove a network"));
        }
        int vni = spec.vni().getAsInt();
        store.read(Layout.vni(vni)).ifPresent(owner -> {
            throw new WeftException.InvalidSpec("VNI " + vni + " is taken by network '" + new String(owner.data(), StandardCharsets.UTF_8)
                    + "'; take another, or let the cluster choose");
        });
        return vni;
    }

    /** A member that does not know what is new about a network must not take it for an ordinary one. */
    private void requireFormat(NetworkRecord network) {
        requireFormat(store, network, "network '" + network.name() + "'");
    }

    static void requireFormat(ClusterStore store, Record record, String what) {
        int needed = StateFormat.of(record);
        int present = store.read(Layout.CLUSTER).map(entry -> RecordCodec.decode(entry.data(), ClusterRecord.class).stateFormat())
                .orElse(StateFormat.FIRST);
        if (needed > present) {
            throw new WeftException.UpdateNeeded(what + " needs format " + needed + " of the cluster's state, and it is of "
                    + present + " until all members read more: update those that run an older version, or remove them (see: node ls)");
        }
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

    private List<SubnetRecord> subnets(NetworkSpec spec, Collection<InetAddress> nodeAddresses) {
        if (!spec.subnets().isEmpty()) {
            return spec.subnets().stream().map(SubnetPool::complete).toList();
        }
        SubnetPoolSpec clusterPool = store.read(Layout.CLUSTER).map(entry -> RecordCodec.decode(entry.data(), ClusterRecord.class).subnetPool())
                .orElse(SubnetPoolSpec.DEFAULT);
        SubnetPoolSpec pool = spec.ingress() ? INGRESS_POOL : clusterPool;
        List<Cidr> taken = new ArrayList<>(all().stream().flatMap(other -> other.subnets().stream()).map(SubnetRecord::cidr).toList());
        if (spec.ingress()) {
            taken.add(clusterPool.range()); // backends have an address in either network
        }
        Cidr free = SubnetPool.firstFree(pool, taken, nodeAddresses).orElseThrow(() -> new WeftException.PoolExhausted(
                "no /" + pool.prefixLength() + " of " + pool.range() + " is free for network '" + spec.name()
                        + "': all overlap another network or hold a node; name a subnet, or remove a network"));
        return List.of(SubnetPool.complete(new SubnetSpec(free, Optional.empty(), Optional.empty())));
    }

    /**
     * Gives a network more room: a further subnet, from which endpoints get an address when the first one of its family is full.
     * When the network has none of that family, endpoints that are attached from now on have an address there.
     *
     * @throws WeftException.InvalidSpec if it overlaps one that the network has
     * @throws WeftException.NotFound    if the network is gone
     */
    public NetworkRecord grow(NetworkRecord handle, SubnetSpec further) {
        return change(handle, before -> {
            before.subnets().stream().filter(subnet -> subnet.cidr().overlaps(further.cidr())).findFirst().ifPresent(subnet -> {
                throw new WeftException.InvalidSpec("subnet " + further.cidr() + " overlaps " + subnet.cidr() + " of network '" + before.name()
                        + "'; take one that does not");
            });
            requireMtu(before, further);
            SubnetRecord subnet = SubnetPool.complete(further);
            boolean first = before.subnets().stream().noneMatch(other -> other.cidr().isIpv4() == further.cidr().isIpv4());
            List<SubnetRecord> subnets = new ArrayList<>(before.subnets());
            subnets.add(first ? subnet : subnet.asExtension());
            return before.withSubnets(subnets);
        });
    }

    private static void requireMtu(NetworkRecord network, SubnetSpec further) {
        if (!further.cidr().isIpv4() && network.mtu() < NetworkSpec.MIN_MTU_IPV6) {
            throw new WeftException.InvalidSpec("network '" + network.name() + "' has an MTU of " + network.mtu() + ", and IPv6 needs "
                    + NetworkSpec.MIN_MTU_IPV6 + "; make another network");
        }
    }

    /**
     * Gives a network more room: a wider range of a subnet that it has.
     *
     * @throws WeftException.InvalidSpec if it is inside none of them, or does not hold the range before
     * @throws WeftException.NotFound    if the network is gone
     */
    public NetworkRecord grow(NetworkRecord handle, Cidr ipRange) {
        return change(handle, before -> {
            SubnetRecord subnet = before.subnets().stream().filter(each -> each.cidr().contains(ipRange)).findFirst()
                    .orElseThrow(() -> new WeftException.InvalidSpec("IP range " + ipRange + " is inside none of the subnets of network '"
                            + before.name() + "': " + before.subnets().stream().map(SubnetRecord::cidr).toList() + "; add a subnet instead"));
            if (!ipRange.contains(subnet.ipRange())) {
                throw new WeftException.InvalidSpec("IP range " + ipRange + " does not hold the present one, " + subnet.ipRange()
                        + ", and a network does not shrink; take a range that does, " + subnet.cidr() + " at most");
            }
            return before.withSubnets(before.subnets().stream().map(each -> each == subnet ? each.withIpRange(ipRange) : each).toList());
        });
    }

    /**
     * Has every node draw new keys with each other node of the network.
     *
     * @throws WeftException.InvalidSpec if it is not encrypted
     * @throws WeftException.NotFound    if the network is gone
     */
    public void rotateKeys(NetworkRecord handle) {
        if (handle.encryption().isEmpty()) {
            throw new WeftException.InvalidSpec("network '" + handle.name() + "' is not encrypted; there are no keys to replace");
        }
        change(handle, NetworkRecord::withKeysRotated);
    }

    private NetworkRecord change(NetworkRecord handle, UnaryOperator<NetworkRecord> change) {
        return Retry.whileConflicting("change network '" + handle.name() + "'", () -> {
            CurrentNetwork current = CurrentNetwork.of(store, handle);
            NetworkRecord after = change.apply(current.record());
            requireFormat(after);
            store.commit(new Change.Check(Layout.vni(after.vni()), Change.ANY_VERSION), current.replacedBy(after));
            return after;
        });
    }

    /** By name. */
    public List<NetworkRecord> all() {
        return store.children(Layout.NETWORKS).stream().flatMap(name -> find(name).stream()).toList();
    }

    public Optional<NetworkRecord> find(String name) {
        return store.read(Layout.network(name)).map(entry -> RecordCodec.decode(entry.data(), NetworkRecord.class));
    }

    /**
     * @throws WeftException.InUse    if endpoints or services are left in it; of the ingress network: while ports are published
     * @throws WeftException.NotFound if there is none
     */
    public void remove(NetworkRecord network) {
        if (network.ingress()) {
            removeIngress(network);
        } else {
            commitRemoval(network, List.of());
        }
    }

    /** Its endpoints are there for what is published; those of nodes that are away go with it. */
    private void removeIngress(NetworkRecord network) {
        Retry.whileConflicting("remove network '" + network.name() + "'", () -> {
            List<String> owners = publications.owners(network);
            if (!owners.isEmpty()) {
                throw new WeftException.InUse("network '" + network.name() + "' is the ingress network, and ports are published by " + owners
                        + "; remove those first");
            }
            endpoints.of(network).forEach(endpoints::remove);
            try {
                commitRemoval(network, List.of(new Change.Delete(Layout.INGRESS)));
            } catch (WeftException.InUse e) {
                throw e.getCause() instanceof StoreConflict conflict ? conflict : e; // somebody has published, or a node has attached
            }
            return network;
        });
    }

    private void commitRemoval(NetworkRecord network, List<Change> further) {
        String name = network.name();
        List<Change> changes = new ArrayList<>(further);
        if (store.read(Layout.policies(name)).isPresent()) { // rules go with their network
            store.children(Layout.policies(name)).forEach(rule -> changes.add(new Change.Delete(Layout.policies(name) + "/" + rule)));
            changes.add(new Change.Delete(Layout.policies(name)));
        }
        try {
            changes.addAll(List.of(new Change.Delete(Layout.endpoints(name)), new Change.Delete(Layout.services(name)),
                    new Change.Delete(Layout.network(name)), new Change.Delete(Layout.names(name)),
                    new Change.Delete(Layout.addresses(name)), new Change.Delete(Layout.macs(name)),
                    new Change.Delete(Layout.claims(name)), new Change.Delete(Layout.vni(network.vni()))));
            store.commit(changes);
        } catch (StoreConflict e) {
            if (e.kind() == StoreConflict.Kind.MISSING) {
                throw notFound(name);
            }
            throw new WeftException.InUse("network '" + name + "' has endpoints " + store.children(Layout.endpoints(name)) + " and services "
                    + store.children(Layout.services(name)) + "; detach and remove them first" + ofLaterVersion(name), e);
        }
    }

    private String ofLaterVersion(String name) {
        List<String> further = store.children(Layout.network(name)).stream()
                .filter(part -> !Set.of("endpoints", "services", "policies").contains(part)).toList();
        return further.isEmpty() ? "" : "; it also has " + further + ", of a later version: remove it at a manager of that one";
    }

    public static WeftException.NotFound notFound(String name) {
        return new WeftException.NotFound("the cluster has no network '" + name + "'; make it first, or look at the names there are");
    }
}
