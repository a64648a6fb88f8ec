package dev.weft.mesh.cluster;

import dev.weft.api.Cidr;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.store.InMemoryCluster;
import dev.weft.mesh.store.InMemoryClusterStore;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;

/** A cluster in memory with two registered nodes. */
abstract class RegistryTest {

    static final int MTU = 1450;
    static final NodeRecord ONE = node("1111", "one", "192.0.2.1");
    static final NodeRecord TWO = node("2222", "two", "192.0.2.2");

    final InMemoryCluster cluster = new InMemoryCluster();
    InMemoryClusterStore store;
    NetworkRegistry networks;
    EndpointRegistry endpoints;
    ServiceRegistry services;
    Membership membership;

    static NodeRecord node(String id, String name, String address) {
        InetAddress vtep = Cidr.parseAddress(address);
        return new NodeRecord(id, name, NodeRole.WORKER, vtep, vtep, DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
    }

    @BeforeEach
    void makeCluster() {
        store = cluster.connect();
        store.commit(new ArrayList<>(Layout.ofManagers(new ClusterRecord("c1"))));
        store.commit(new ArrayList<>(Layout.ofMembers()));
        networks = new Registries(store, new java.util.Random(1)).networks();
        endpoints = new EndpointRegistry(store, new Random(1));
        services = new ServiceRegistry(store, new Random(3));
        membership = membershipOf(store);
        membership.register(ONE);
        membership.register(TWO);
    }

    static Membership membershipOf(InMemoryClusterStore client) {
        return new Membership(client, new EndpointRegistry(client, new Random(2)));
    }

    NetworkRecord network(String name, String... subnets) {
        NetworkSpec.Builder spec = NetworkSpec.named(name);
        for (String subnet : subnets) {
            spec.subnet(subnet);
        }
        return networks.create(spec.build(), MTU, List.of());
    }

    EndpointRecord attach(NetworkRecord network, String name, String... addresses) {
        EndpointSpec.Builder spec = EndpointSpec.inProcess(name);
        for (String address : addresses) {
            spec.address(address);
        }
        return endpoints.create(network, spec.build(), ONE);
    }

    static InetAddress ip(String text) {
        return Cidr.parseAddress(text);
    }
}
