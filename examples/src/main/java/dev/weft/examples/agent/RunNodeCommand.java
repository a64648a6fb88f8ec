package dev.weft.examples.agent;

import dev.weft.api.DataPathKind;
import dev.weft.api.NodeBuilder;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayNode;
import dev.weft.api.PipelineSpec;
import dev.weft.api.SubnetPoolSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a node until SIGTERM, SIGINT, or {@code node leave}. */
@Command(name = "weft node", description = "Runs a node in the foreground.", mixinStandardHelpOptions = true)
final class RunNodeCommand implements Callable<Integer> {

    private static final class Start {
        @ArgGroup(exclusive = false)
        private Init init;
        @ArgGroup(exclusive = false)
        private Join join;

        OverlayNode node(NodeBuilder builder) {
            return init == null ? builder.join(join.manager, join.token) : init.node(builder);
        }
    }

    private static final class Init {
        @Option(names = "--init", required = true, description = "the first node of a cluster, or back on its data")
        private boolean init;
        @ArgGroup
        private Anew anew;

        OverlayNode node(NodeBuilder builder) {
            if (anew == null) {
                return builder.init();
            }
            return anew.force ? builder.forceNewCluster() : builder.restore(anew.backup);
        }
    }

    private static final class Anew {
        @Option(names = "--force-new-cluster", description = "go on alone on this manager's data: a majority of the managers is lost for good")
        private boolean force;
        @Option(names = "--restore", paramLabel = "FILE", description = "from: weft -C SOCKET backup FILE")
        private Path backup;
    }

    private static final class Join {
        @Option(names = "--join", required = true, paramLabel = "HOST[:PORT]", description = "a manager of the cluster")
        private String manager;
        @Option(names = "--token", required = true, paramLabel = "T", description = "from: weft -C SOCKET token worker|manager")
        private String token;
    }

    private enum Carrier { auto, kernel, dpdk, socket }

    @Spec
    private CommandSpec spec;

    @Option(names = "--name", required = true, paramLabel = "N", description = "unique in the cluster")
    private String name;
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "identity and cluster state are kept there")
    private Path data;
    @Option(names = "--control", required = true, paramLabel = "SOCKET", description = "UNIX socket for: weft -C SOCKET")
    private Path control;
    @Option(names = "--advertise", required = true, paramLabel = "ADDR", description = "control address")
    private String advertise;
    @Option(names = "--data-path-addr", paramLabel = "ADDR", description = "data-path address; the control address otherwise")
    private String vtep;
    @Option(names = "--data-path", paramLabel = "KIND", defaultValue = "auto", description = "auto, kernel, dpdk or socket")
    private Carrier carrier;
    @Option(names = "--uplink", paramLabel = "IFACE|PCI|VDEV", description = "the interface with the data-path address otherwise;"
            + " af_xdp:IFACE and af_packet:IFACE say how DPDK drives it")
    private String uplink;
    @Option(names = "--crypto-threads", paramLabel = "N", defaultValue = "0",
            description = "threads that seal and open encrypted packets beside the packet path's own; 0: that one does (DPDK, SOCKET)")
    private int cryptoThreads;
    @Option(names = "--queues", paramLabel = "N", defaultValue = "1",
            description = "queues that the uplink receives by; its device puts a flow's packets into one (DPDK)")
    private int queues;
    @Option(names = "--stream-priority", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "the packet path goes before other programs (nice -10) while it carries TCP in bulk; or never (SOCKET)")
    private boolean streamPriority;
    @Mixin
    private PortOptions ports;
    @Mixin
    private EncryptionOptions encryption;
    @Mixin
    private GatewayBridgeOptions gatewayBridge;
    @Option(names = "--dns", paramLabel = "ADDR",
            description = "a name server for names outside of networks; may be given several times; those of resolv.conf otherwise")
    private List<String> resolvers = List.of();
    @Option(names = "--subnet-pool", paramLabel = "CIDR:LENGTH",
            description = "with --init: networks that name no subnet get one of that length from there; 10.0.0.0/8:24 otherwise")
    private String subnetPool;
    @ArgGroup(multiplicity = "1")
    private Start start;

    @Override
    public Integer call() throws IOException, InterruptedException {
        NodeBuilder builder = OverlayNode.builder().name(name).dataDirectory(data).advertise(advertise).uplink(uplink)
                .pipeline(pipeline())
                .dataPath(DataPathKind.valueOf(carrier.name().toUpperCase(java.util.Locale.ROOT)));
        ports.fill(builder);
        encryption.fill(builder);
        gatewayBridge.fill(builder);
        resolvers.forEach(builder::resolver);
        if (vtep != null) {
            builder.vtep(vtep);
        }
        if (subnetPool != null) {
            builder.subnetPool(SubnetPoolSpec.parse(subnetPool));
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicBoolean cleanly = new AtomicBoolean();
        try {
            serve(builder, stop, stopped, cleanly);
            cleanly.set(true);
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    PipelineSpec pipeline() {
        return new PipelineSpec(cryptoThreads, false, queues, streamPriority);
    }

    private void serve(NodeBuilder builder, CountDownLatch stop, CountDownLatch stopped, AtomicBoolean cleanly)
            throws IOException, InterruptedException {
        try (ControlSocket socket = ControlSocket.bind(control);
                OverlayNode node = start.node(builder)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endAfter(stop, stopped, cleanly), "weft-shutdown"));
            socket.serve(new NodeOperations(node, stop::countDown));
            PrintWriter out = spec.commandLine().getOut();
            if (node.info().role() == NodeRole.MANAGER) {
                out.println(node.managers().summary());
            }
            out.println("ready " + name);
            out.flush();
            stop.await();
        }
    }

    /** The JVM ends when its shutdown hooks have: this one waits until the node is closed. A signal that was obeyed is no failure. */
    private static void endAfter(CountDownLatch stop, CountDownLatch stopped, AtomicBoolean cleanly) {
        stop.countDown();
        try {
            stopped.await();
            if (cleanly.get()) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
