package dev.weft.benchmarks.simulation;

import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.path.NetworkState;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.simulation.SimulatedCluster;
import dev.weft.mesh.simulation.SimulatedNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/**
 * One simulated cluster: as many networks as nodes; each network has ten endpoints at each of ten nodes, so each node has a hundred
 * endpoints in ten networks and hears of a thousand.
 */
final class ScaleRun {

    private static final int SERVERS = 3;
    static final int NODES_OF_A_NETWORK = 10;
    static final int ENDPOINTS_OF_A_NODE_IN_A_NETWORK = 10;
    static final int ENDPOINTS_OF_A_NODE = NODES_OF_A_NETWORK * ENDPOINTS_OF_A_NODE_IN_A_NETWORK;
    private static final int ENDPOINTS_OF_A_NETWORK = NODES_OF_A_NETWORK * ENDPOINTS_OF_A_NODE_IN_A_NETWORK;
    private static final int MTU = 1450;
    private static final int SAMPLES = 21;
    private static final long SEED = 1;
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final int size;
    private final PrintStream log;
    private final SimulatedCluster cluster;
    private final List<NetworkRecord> networks = new ArrayList<>();
    private final Random random = new Random(SEED);

    /** @param log gets a line for each phase: a large cluster takes minutes */
    ScaleRun(int size, PrintStream log) {
        this.size = size;
        this.log = log;
        this.cluster = new SimulatedCluster(SEED, SERVERS, size);
    }

    ScaleFigures run() {
        cluster.nodes().forEach(SimulatedNode::start);
        await("all started", SimulatedNode::isStarted);
        makeNetworks();
        resetTraffic();
        double attachAll = seconds(attachAll());
        double heardOf = ENDPOINTS_OF_A_NODE * (double) NODES_OF_A_NETWORK;
        double attachMessages = meanMessages() / heardOf;

        cluster.run(Duration.ofSeconds(30));
        resetTraffic();
        cluster.run(Duration.ofMinutes(1));
        double idleMessages = meanMessages();
        double idleBytes = meanBytes();

        Change change = change();
        double death = seconds(death());
        double leader = seconds(leaderChange());
        return new ScaleFigures(size, size * ENDPOINTS_OF_A_NODE, attachAll, attachMessages, change.median / 1_000.0, change.worst / 1_000.0,
                change.messages, change.bytes, death, leader, idleMessages, idleBytes, memoryOfANode() / 1_024.0);
    }

    private static double seconds(long micros) {
        return micros / 1e6;
    }

    private void await(String what, Predicate<SimulatedNode> condition) {
        long end = cluster.time().micros() + PATIENCE.toNanos() / 1_000;
        while (!cluster.nodes().stream().filter(SimulatedNode::isRunning).allMatch(condition)) {
            if (cluster.time().micros() > end) {
                throw new IllegalStateException("not within " + PATIENCE + " of virtual time at " + size + " nodes: " + what);
            }
            cluster.run(STEP);
        }
        log.println("  " + size + " nodes, " + cluster.time().micros() / 1_000 + " ms: " + what);
    }

    private long lastChange() {
        return cluster.nodes().stream().filter(SimulatedNode::isRunning).mapToLong(node -> node.path().changedAt()).max().orElseThrow();
    }

    private void makeNetworks() {
        SimulatedNode maker = cluster.nodes().getFirst();
        maker.spawn(() -> {
            for (int i = 0; i < size; i++) {
                NetworkSpec spec = NetworkSpec.named("net" + i).subnet("10." + i / 256 + "." + i % 256 + ".0/24").build();
                networks.add(maker.plane().registries().networks().create(spec, MTU, List.of()));
            }
        });
        await("networks made", node -> networks.size() == size);
        cluster.run(Duration.ofSeconds(1));
    }

    /** The networks of a node: its own number's and the ones before. */
    private NetworkRecord network(int node, int number) {
        return networks.get(Math.floorMod(node - number, size));
    }

    private long attachAll() {
        long begin = cluster.time().micros();
        for (int i = 0; i < size; i++) {
            int number = i;
            SimulatedNode node = cluster.nodes().get(i);
            node.spawn(() -> {
                for (int j = 0; j < ENDPOINTS_OF_A_NODE; j++) {
                    attach(node, network(number, j / ENDPOINTS_OF_A_NODE_IN_A_NETWORK), "e" + number + "-" + j);
                }
            });
        }
        await("all attached and heard of", node -> knows(node, ENDPOINTS_OF_A_NETWORK));
        return lastChange() - begin;
    }

    private static void attach(SimulatedNode node, NetworkRecord network, String name) {
        node.plane().endpoints().attach(network, EndpointSpec.networkNamespace(name, "ns-" + name, "eth0").build());
    }

    private static boolean knows(SimulatedNode node, int endpointsOfEachNetwork) {
        List<NetworkState> states = node.path().last().networks();
        return states.size() == NODES_OF_A_NETWORK
                && states.stream().allMatch(state -> state.locals().size() + state.remotes().size() >= endpointsOfEachNetwork);
    }

    private record Change(long median, long worst, double messages, double bytes) {
    }

    /** One endpoint more, here and there. */
    private Change change() {
        List<Long> times = new ArrayList<>();
        double messages = 0;
        double bytes = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int number = random.nextInt(size);
            NetworkRecord network = network(number, random.nextInt(NODES_OF_A_NETWORK));
            String name = "late" + i;
            List<SimulatedNode> hearers = hearers(network, cluster.nodes().get(number));
            hearers.forEach(node -> node.store().traffic().reset());
            times.add(timeOf(cluster.nodes().get(number), network, name));
            messages += hearers.stream().mapToLong(node -> node.store().traffic().messages()).average().orElse(0) / SAMPLES;
            bytes += hearers.stream().mapToLong(node -> node.store().traffic().bytes()).average().orElse(0) / SAMPLES;
        }
        times.sort(Long::compare);
        return new Change(times.get(SAMPLES / 2), times.getLast(), messages, bytes);
    }

    private List<SimulatedNode> hearers(NetworkRecord network, SimulatedNode but) {
        return cluster.nodes().stream().filter(node -> node != but && node.isRunning()
                && node.path().last().networks().stream().anyMatch(state -> state.vni() == network.vni())).toList();
    }

    private long timeOf(SimulatedNode at, NetworkRecord network, String name) {
        long begin = cluster.time().micros();
        at.spawn(() -> attach(at, network, name));
        List<SimulatedNode> hearers = hearers(network, at);
        long end = begin + PATIENCE.toNanos() / 1_000;
        while (!hearers.stream().allMatch(node -> carries(node, network, name))) {
            if (cluster.time().micros() > end) {
                throw new IllegalStateException("endpoint " + name + " was not heard of");
            }
            cluster.run(Duration.ofMillis(1));
        }
        return hearers.stream().mapToLong(node -> node.path().changedAt()).max().orElseThrow() - begin;
    }

    private static boolean carries(SimulatedNode node, NetworkRecord network, String name) {
        return node.path().last().networks().stream().anyMatch(state -> state.vni() == network.vni() && state.remotes().find(name).isPresent());
    }

    private long death() {
        SimulatedNode victim = cluster.nodes().getLast();
        long begin = cluster.time().micros();
        victim.crash();
        await("the dead node left out", node -> node.path().last().networks().stream()
                .allMatch(state -> state.remotes().stream().noneMatch(remote -> remote.vtep().equals(victim.record().vtep()))));
        return lastChange() - begin;
    }

    private long leaderChange() {
        SimulatedNode node = cluster.nodes().getFirst();
        long begin = cluster.time().micros();
        cluster.ensemble().changeLeader();
        timeOf(node, network(0, 0), "after");
        return lastChange() - begin;
    }

    private void resetTraffic() {
        cluster.nodes().forEach(node -> node.store().traffic().reset());
    }

    private double meanMessages() {
        return cluster.nodes().stream().mapToLong(node -> node.store().traffic().messages()).average().orElseThrow();
    }

    private double meanBytes() {
        return cluster.nodes().stream().mapToLong(node -> node.store().traffic().bytes()).average().orElseThrow();
    }

    /** What the heap has more when all nodes run than when none does. Bytes. */
    private double memoryOfANode() {
        cluster.nodes().stream().filter(SimulatedNode::isRunning).forEach(SimulatedNode::crash);
        cluster.run(Duration.ofSeconds(30));
        long without = usedHeap();
        cluster.nodes().forEach(SimulatedNode::start);
        await("all back", node -> node.isStarted() && knows(node, ENDPOINTS_OF_A_NETWORK));
        cluster.run(Duration.ofSeconds(30));
        return (usedHeap() - without) / (double) size;
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }
}
