package dev.weft.mesh.simulation;

import dev.weft.api.path.NetworkState;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What has to hold, whatever happens. */
final class Promises {

    private static final Pattern CLAIM = Pattern.compile("/weft/vnis/.*|/weft/claims/[^/]+/[^/]+/.*|/weft/attached/[^/]+/.*");

    private final SimulatedCluster cluster;
    private final List<Attempt> attempts;
    private final List<ServiceRecord> services;
    private final Map<SimulatedNode, Integer> underWay = new HashMap<>();

    Promises(SimulatedCluster cluster, List<Attempt> attempts, List<ServiceRecord> services) {
        this.cluster = cluster;
        this.attempts = attempts;
        this.services = services;
        cluster.ensemble().observe(new Uniqueness()::check);
    }

    void began(SimulatedNode node) {
        underWay.merge(node, 1, Integer::sum);
    }

    void ended(SimulatedNode node) {
        underWay.merge(node, -1, Integer::sum);
    }

    /** Fail static: while the store is away, and nothing was under way, the data path's state stays as it is. */
    void watch(SimulatedNode node) {
        SimulatedStore store = node.store();
        SimulatedDataPath path = node.path();
        List<NetworkState> before = new ArrayList<>();
        boolean[] held = new boolean[1];
        store.onConnection(connection -> {
            if (connection == ClusterStore.Connection.SUSPENDED) {
                held[0] = false;
                // after the round that the last news before have made
                cluster.time().after(Duration.ofMillis(50).toNanos() / 1_000, () -> {
                    held[0] = !store.isConnected() && node.isStarted() && underWay.getOrDefault(node, 0) == 0;
                    before.clear();
                    before.addAll(path.last().networks());
                });
            } else if (connection == ClusterStore.Connection.CONNECTED && held[0] && !before.equals(path.last().networks())) {
                throw new AssertionError(node.record().id() + " was alone and changed its state from " + before + " to " + path.last().networks());
            }
            held[0] &= connection != ClusterStore.Connection.CONNECTED;
        });
    }

    /** All is mended and quiet. */
    void check(String when) {
        Tree tree = cluster.ensemble().tree();
        List<NetworkRecord> networks = decode(tree, Layout.network(""), NetworkRecord.class);
        List<EndpointRecord> endpoints = new ArrayList<>();
        List<ServiceRecord> published = new ArrayList<>();
        for (NetworkRecord network : networks) {
            endpoints.addAll(decode(tree, Layout.endpoints(network.name()) + "/", EndpointRecord.class));
            published.addAll(decode(tree, Layout.services(network.name()) + "/", ServiceRecord.class));
        }
        checkAcknowledged(endpoints, published, when);
        checkSubnets(networks, endpoints, when);
        checkClaims(tree, networks, endpoints, published, when);
        checkLiveness(tree, when);
        Map<String, InetAddress> vteps = new HashMap<>();
        cluster.nodes().stream().filter(SimulatedNode::isRunning).forEach(node -> vteps.put(node.record().id(), node.record().vtep()));
        Expectation expectation = new Expectation(networks, endpoints, published, vteps);
        cluster.nodes().stream().filter(SimulatedNode::isRunning).forEach(node -> checkDataPath(expectation, node, when));
    }

    private static <T extends Record> List<T> decode(Tree tree, String directory, Class<T> type) {
        return tree.children(directory.substring(0, directory.length() - 1)).stream()
                .map(name -> RecordCodec.decode(tree.get(directory + name).data(), type)).toList();
    }

    private void checkAcknowledged(List<EndpointRecord> endpoints, List<ServiceRecord> published, String when) {
        for (Attempt attempt : attempts) {
            require(!attempt.isRequired() || endpoints.stream().anyMatch(attempt::explains), when + ", lost: " + attempt);
        }
        for (EndpointRecord endpoint : endpoints) {
            require(attempts.stream().anyMatch(attempt -> attempt.explains(endpoint)), when + ", nobody's: " + endpoint + " of " + attempts.stream()
                    .filter(attempt -> attempt.name.equals(endpoint.name()) && attempt.network.equals(endpoint.network())).toList());
        }
        for (ServiceRecord service : services) {
            require(published.contains(service), when + ", lost: " + service);
        }
    }

    private static void checkSubnets(List<NetworkRecord> networks, List<EndpointRecord> endpoints, String when) {
        for (EndpointRecord endpoint : endpoints) {
            NetworkRecord network = networks.stream().filter(each -> each.name().equals(endpoint.network())).findFirst().orElseThrow();
            require(endpoint.addresses().stream().allMatch(address -> network.subnets().stream().anyMatch(subnet -> subnet.cidr().contains(address))),
                    when + ", outside of " + network + ": " + endpoint);
        }
    }

    /** As many as there are things to claim, and for them. */
    private static void checkClaims(Tree tree, List<NetworkRecord> networks, List<EndpointRecord> endpoints, List<ServiceRecord> published,
                                    String when) {
        Set<String> wanted = new HashSet<>();
        networks.forEach(network -> wanted.add("/weft/vnis/" + network.vni()));
        endpoints.forEach(endpoint -> {
            String claims = "/weft/claims/" + endpoint.network();
            wanted.add(claims + "/names/" + endpoint.name());
            wanted.add(claims + "/macs/" + endpoint.mac());
            endpoint.addresses().forEach(address -> wanted.add(claims + "/addresses/" + address.getHostAddress()));
            wanted.add("/weft/attached/" + endpoint.node() + "/" + endpoint.network() + "~" + endpoint.name());
        });
        published.forEach(service -> {
            wanted.add("/weft/claims/" + service.network() + "/names/" + service.name());
            service.vips().forEach(vip -> wanted.add("/weft/claims/" + service.network() + "/addresses/" + vip.getHostAddress()));
        });
        Set<String> found = new HashSet<>();
        tree.below("/weft").keySet().stream().filter(path -> CLAIM.matcher(path).matches()).forEach(found::add);
        require(found.equals(wanted), when + ", claims are " + found + " and should be " + wanted);
    }

    private void checkLiveness(Tree tree, String when) {
        List<String> running = cluster.nodes().stream().filter(SimulatedNode::isRunning).map(node -> node.record().id()).sorted().toList();
        require(tree.children(Layout.LIVE).equals(running), when + ", alive are " + tree.children(Layout.LIVE) + " and should be " + running);
    }

    private static void checkDataPath(Expectation expectation, SimulatedNode node, String when) {
        require(node.isStarted(), when + ", not started: " + node.record().id());
        List<NetworkState> wanted = expectation.of(node.record().id());
        List<NetworkState> found = node.path().last().networks();
        require(found.equals(wanted), when + ", " + node.record().id() + " carries " + found + "\n and should " + wanted);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
