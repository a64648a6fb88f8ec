package dev.weft.benchmarks.names;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.ServiceSpec;
import dev.weft.benchmarks.report.ResultTable;
import dev.weft.ffm.libc.NetworkNamespace;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * A container asks the gateway of its network for names, so many a second for so many seconds, and looks at every answer: dig by UDP and by TCP
 * and the resolver of a JVM a twentieth each, one question after the other, and a socket that does not wait the rest. Needs root.
 */
public final class NameBenchmark {

    private static final int DNS = 53;
    /** So that a node of this machine is not disturbed. */
    private static final int DATA_PATH_PORT = 14_789;
    /** DPDK takes no loopback interface, and nothing here leaves the node. */
    private static final String NO_WIRE = "net_null_names,no-rx=1";
    private static final int SOCKET_BUFFER = 1 << 20;
    private static final int PROGRAM_SHARE = 20;
    private static final int BACKENDS = 4;
    /**
     * All have as many first bits in common with the container's own address. A C library puts those first that have more (RFC 6724, rule 9),
     * whoever's turn it is.
     */
    private static final int FIRST_BACKEND = 64;
    private static final int WARM_UP_SECONDS = 2;

    private final String container;
    private final NetworkNamespace namespace;
    private final InetAddress server;
    private final List<Expected> all;

    private NameBenchmark(String container, NetworkNamespace namespace, InetAddress server, List<Expected> all) {
        this.container = container;
        this.namespace = namespace;
        this.server = server;
        this.all = all;
    }

    /** @param rate questions a second */
    public static void run(DataPathKind kind, int rate, int seconds) throws Exception {
        String container = "weft-bench-" + ProcessHandle.current().pid();
        Path directory = Files.createTempDirectory("weft-bench");
        try (NetworkNamespace namespace = NetworkNamespace.create(container);
                OverlayNode node = OverlayNode.builder().name("bench").advertise("127.0.53.1").vtep("127.0.0.1").dataPathPort(DATA_PATH_PORT)
                        .dataDirectory(directory).dataPath(kind).uplink(kind == DataPathKind.DPDK ? NO_WIRE : null).init()) {
            OverlayNetwork network = OverlayNetwork.create(node,
                    NetworkSpec.named("bench").subnet("10.99.0.0/24").subnet("fd99:53::/64").internal(true).build());
            try (Endpoint endpoint = network.attach(EndpointSpec.networkNamespace("web1", container, "eth0").alias("shop").resolvConf().build())) {
                List<Expected> all = names(network, endpoint);
                NameBenchmark benchmark = new NameBenchmark(container, namespace, network.info().gateways().getFirst(), all);
                benchmark.ask(rate, WARM_UP_SECONDS);
                System.out.println(kind + ": " + benchmark.ask(rate, seconds));
                node.counters().counters().stream().filter(counter -> counter.value() > 0)
                        .forEach(counter -> System.out.println("  " + counter.scope() + " " + counter.name() + " " + counter.value()));
            }
        } finally {
            NetworkNamespace.delete(container);
        }
    }

    private static List<Expected> names(OverlayNetwork network, Endpoint endpoint) {
        List<InetAddress> vips = network.publish(ServiceSpec.vip("web", "web1")).info().vips();
        List<InetAddress> pool = new ArrayList<>();
        for (int i = 0; i < BACKENDS; i++) {
            InetAddress address = InetAddress.ofLiteral("10.99.0." + (FIRST_BACKEND + i));
            network.attach(EndpointSpec.external("p" + i, InetAddress.ofLiteral("192.0.2.77"), new MacAddress(0x0200_0000_9900L + i))
                    .address(address).build());
            pool.add(address);
        }
        network.publish(ServiceSpec.dnsrr("pool", "p0", "p1", "p2", "p3"));
        List<InetAddress> own = endpoint.info().addresses();
        return List.of(expected("web1", own), expected("Shop.bench", own), expected("web", vips), expected("tasks.web", own),
                new Expected("pool", pool, List.of(), true));
    }

    private static Expected expected(String name, List<InetAddress> addresses) {
        return new Expected(name, addresses.stream().filter(Inet4Address.class::isInstance).toList(),
                addresses.stream().filter(address -> !(address instanceof Inet4Address)).toList(), false);
    }

    private String ask(int rate, int seconds) throws Exception {
        try (DatagramChannel socket = namespace.call(this::connect);
                ProgramAsker udp = ProgramAsker.dig(all, container, server, "+notcp");
                ProgramAsker tcp = ProgramAsker.dig(all, container, server, "+tcp");
                ProgramAsker jvm = ProgramAsker.jvm(all, container)) {
            List<ProgramAsker> programs = List.of(udp, tcp, jvm);
            for (ProgramAsker each : programs) {
                each.begin();
            }
            int share = rate / PROGRAM_SHARE;
            DatagramAsker datagrams = new DatagramAsker(rate - programs.size() * share, seconds, all, socket);
            long start = System.nanoTime();
            List<FutureTask<Tally>> asking = new ArrayList<>(List.of(started(datagrams::ask)));
            programs.forEach(each -> asking.add(started(() -> each.ask(share / each.questionsPerName(), seconds))));
            List<List<Object>> rows = new ArrayList<>();
            for (FutureTask<Tally> each : asking) {
                rows.add(each.get().row());
            }
            return String.format(Locale.ROOT, "%d questions a second for %d s, all answered or given up after %.2f s%n%n%s%n%s", rate, seconds,
                    (System.nanoTime() - start) / 1e9, new ResultTable(Tally.COLUMNS, rows).markdown(), datagrams.times());
        }
    }

    private static FutureTask<Tally> started(Callable<Tally> work) {
        FutureTask<Tally> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task;
    }

    private DatagramChannel connect() throws IOException {
        return DatagramChannel.open(StandardProtocolFamily.INET).setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER)
                .connect(new InetSocketAddress(server, DNS));
    }
}
