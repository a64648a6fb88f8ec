package dev.weft.mesh.simulation;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.ServiceSpec;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One random history: what people do, and what fails, while they do it. The same seed makes the same one. */
final class History {

    private static final int SERVERS = 3;
    private static final int MOST_NODES = 6;
    private static final int STEPS = 50;
    private static final int LONGEST_PAUSE_MS = 1_500;
    private static final int NAMES = 25;
    private static final int MTU = 1450;

    private final long seed;
    private final Random random;
    private final SimulatedCluster cluster;
    private final Promises promises;
    private final List<NetworkRecord> networks = new ArrayList<>();
    /** Removed ones too, of which somebody may still have a handle. */
    private final List<NetworkRecord> known = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<ServiceRecord> services = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    History(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.cluster = new SimulatedCluster(seed, SERVERS, 3 + random.nextInt(MOST_NODES - 2));
        this.promises = new Promises(cluster, attempts, services);
    }

    SimulatedCluster cluster() {
        return cluster;
    }

    /** Plays it to its end. @throws AssertionError with the seed and all that happened, if a promise was not kept */
    void play() {
        try {
            cluster.nodes().forEach(this::start);
            pause(Duration.ofSeconds(3));
            createNetwork();
            createNetwork();
            pause(Duration.ofSeconds(3));
            for (int i = 0; i < STEPS; i++) {
                step();
                // often at once, and often in the middle of each other
                pause(Duration.ofMillis(random.nextInt(3) == 0 ? random.nextInt(10) : random.nextInt(LONGEST_PAUSE_MS)));
            }
            heal();
            promises.check("with the nodes that were dead at the end");
            cluster.nodes().stream().filter(node -> !node.isRunning()).forEach(this::start);
            pause(Duration.ofSeconds(60));
            promises.check("with all nodes back");
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + String.join("\n", log), e);
        }
    }

    private void pause(Duration duration) {
        cluster.run(duration);
    }

    private void say(String what) {
        log.add(String.format(Locale.ROOT, "%9.3f s  %s", cluster.time().micros() / 1e6, what));
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 32) {
            attach();
        } else if (dice < 48) {
            detach();
        } else if (dice < 55) {
            publishOrRemove();
        } else if (dice < 66) {
            createOrRemoveNetwork();
        } else {
            fail(random.nextInt(9));
        }
    }

    private void fail(int kind) {
        switch (kind) {
            case 0 -> any(SimulatedNode::isRunning, this::crash);
            case 1, 2 -> any(node -> !node.isRunning(), this::start);
            case 3 -> any(node -> !node.isCut(), this::partition);
            case 4, 5 -> any(SimulatedNode::isCut, this::heal);
            case 6 -> changeLeader();
            case 7 -> crashOrRestartServer();
            default -> any(SimulatedNode::isRunning, this::loseNextAnswer);
        }
    }

    private void any(Predicate<SimulatedNode> condition, Consumer<SimulatedNode> action) {
        List<SimulatedNode> fitting = cluster.nodes().stream().filter(condition).toList();
        if (!fitting.isEmpty()) {
            action.accept(fitting.get(random.nextInt(fitting.size())));
        }
    }

    private void start(SimulatedNode node) {
        say("start " + node.record().id());
        node.start();
        promises.watch(node);
    }

    private void crash(SimulatedNode node) {
        say("crash " + node.record().id());
        node.crash();
    }

    private void partition(SimulatedNode node) {
        say("partition " + node.record().id());
        node.partition();
    }

    private void heal(SimulatedNode node) {
        say("heal " + node.record().id());
        node.heal();
    }

    private void loseNextAnswer(SimulatedNode node) {
        say("lose the answer to the next transaction of " + node.record().id());
        node.store().loseNextAnswer();
    }

    private void changeLeader() {
        say("change the leader");
        cluster.ensemble().changeLeader();
    }

    private void crashOrRestartServer() {
        int server = random.nextInt(SERVERS);
        say("crash or restart server " + server);
        if (random.nextBoolean()) {
            cluster.ensemble().crash(server);
        } else {
            cluster.ensemble().restart(server);
        }
    }

    /** All that is broken is mended, but dead nodes stay dead, and time passes until all is quiet. */
    private void heal() {
        say("heal everything");
        cluster.nodes().forEach(SimulatedNode::heal);
        for (int i = 0; i < SERVERS; i++) {
            cluster.ensemble().restart(i);
        }
        pause(Duration.ofSeconds(90));
    }

    private void attach() {
        if (networks.isEmpty()) {
            return;
        }
        List<NetworkRecord> from = random.nextInt(4) == 0 ? known : networks;
        NetworkRecord network = from.get(random.nextInt(from.size()));
        String name = "e" + random.nextInt(NAMES);
        EndpointSpec spec = spec(network, name);
        any(SimulatedNode::isStarted, node -> {
            Attempt attempt = new Attempt(network.name(), name, node, spec.attachment() instanceof Attachment.InProcess);
            attempts.add(attempt);
            say("attach " + attempt + " " + spec.addresses());
            promises.began(node);
            node.spawn(() -> {
                try {
                    attempt.info = node.plane().endpoints().attach(network, spec).info();
                    attempt.outcome = Attempt.Outcome.DONE;
                    say("  attached " + attempt + " " + attempt.info.addresses());
                } catch (WeftException e) {
                    attempt.outcome = Attempt.Outcome.REFUSED;
                    say("  not attached " + attempt + ": " + e.code() + ", " + e.getMessage());
                } finally {
                    promises.ended(node);
                }
            });
        });
    }

    private EndpointSpec spec(NetworkRecord network, String name) {
        EndpointSpec.Builder spec = switch (random.nextInt(10)) {
            case 0, 1 -> EndpointSpec.inProcess(name);
            case 2 -> EndpointSpec.external(name, Cidr.parseAddress("203.0.113.1"), new MacAddress(0x0600_0000_0000L | random.nextInt(1000)))
                    .address(anAddress(network));
            default -> EndpointSpec.networkNamespace(name, "ns-" + name, "eth0");
        };
        if (random.nextInt(5) == 0 && spec.build().addresses().isEmpty()) {
            spec.address(anAddress(network));
        }
        return spec.build();
    }

    private InetAddress anAddress(NetworkRecord network) {
        byte[] bytes = network.subnets().getFirst().cidr().network().getAddress();
        bytes[3] += (byte) random.nextInt(16);
        return Cidr.parseAddress((bytes[0] & 255) + "." + (bytes[1] & 255) + "." + (bytes[2] & 255) + "." + (bytes[3] & 255));
    }

    private void detach() {
        List<Attempt> attached = attempts.stream()
                .filter(attempt -> attempt.outcome == Attempt.Outcome.DONE && attempt.isOfARunningProcess()).toList();
        if (attached.isEmpty()) {
            return;
        }
        Attempt attempt = attached.get(random.nextInt(attached.size()));
        say("detach " + attempt);
        attempt.outcome = Attempt.Outcome.DETACH_UNCLEAR;
        promises.began(attempt.node);
        attempt.node.spawn(() -> {
            try {
                attempt.node.plane().endpoints().find(attempt.network, attempt.name).map(Endpoint.class::cast).ifPresent(Endpoint::close);
                attempt.outcome = Attempt.Outcome.DETACHED;
                say("  detached " + attempt);
            } catch (WeftException e) {
                say("  not detached " + attempt + ": " + e.code());
            } finally {
                promises.ended(attempt.node);
            }
        });
    }

    private void publishOrRemove() {
        if (networks.isEmpty()) {
            return;
        }
        if (random.nextInt(3) == 0 && !services.isEmpty()) {
            ServiceRecord service = services.remove(random.nextInt(services.size()));
            say("remove " + service);
            any(SimulatedNode::isStarted, node -> node.spawn(() -> attempted(() -> node.plane().registries().services().remove(service))));
            return;
        }
        NetworkRecord network = networks.get(random.nextInt(networks.size()));
        ServiceSpec spec = ServiceSpec.vip("s" + random.nextInt(NAMES), "e" + random.nextInt(NAMES / 2),
                "e" + (NAMES / 2 + random.nextInt(NAMES / 2)));
        any(SimulatedNode::isStarted, node -> node.spawn(() -> attempted(() -> {
            ServiceRecord made = node.plane().registries().services().create(network, spec);
            services.add(made);
            say("  published " + made);
        })));
    }

    private void createOrRemoveNetwork() {
        if (random.nextInt(3) == 0 || networks.size() < 2) {
            createNetwork();
            return;
        }
        NetworkRecord network = networks.get(random.nextInt(networks.size()));
        any(SimulatedNode::isStarted, node -> node.spawn(() -> attempted(() -> {
            node.plane().registries().networks().remove(network);
            networks.remove(network);
            say("  removed network " + network.name());
        })));
    }

    /** Some are small, so that they fill up. */
    private void createNetwork() {
        NetworkSpec.Builder spec = NetworkSpec.named("net" + random.nextInt(6));
        if (random.nextBoolean()) {
            spec.subnet("10." + (100 + random.nextInt(3)) + ".0.0/28");
        }
        any(SimulatedNode::isStarted, node -> node.spawn(() -> attempted(() -> {
            NetworkRecord made = node.plane().registries().networks().create(spec.build(), MTU, List.of());
            networks.add(made);
            known.add(made);
            say("  made " + made);
        })));
    }

    private void attempted(Runnable action) {
        try {
            action.run();
        } catch (WeftException e) {
            say("  refused: " + e.code() + ", " + e.getMessage());
        }
    }
}
