package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.counter.Counter;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A manager that runs, and what it says of strangers at its ports. */
final class RefusingManager implements AutoCloseable {

    final ControlPorts ports = FreePort.control();
    final ClusterLink link;
    final WeftNode node;

    RefusingManager(Path directory) {
        NodeSpec spec = OverlayNode.builder().name("one").dataDirectory(directory.resolve("one")).advertise("127.0.0.1").ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
        link = ClusterLink.init(spec);
        node = NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
    }

    long refused(String port, String reason) {
        return node.counters().value("port:" + port, "refused:" + reason);
    }

    /** For whatever reason. */
    long refused(String port) {
        return node.counters().counters().stream().filter(each -> each.scope().equals("port:" + port) && each.name().startsWith("refused:"))
                .mapToLong(Counter::value).sum();
    }

    void awaitRefused(String port, String reason, long count) {
        Await.until(port + " " + reason + " " + count + " of " + node.counters().counters().stream().filter(each -> each.value() > 0).toList(),
                () -> refused(port, reason) >= count);
    }

    /** The manager still does its work. */
    void assertServes(String network) {
        node.createNetwork(NetworkSpec.named(network).build());
        assertTrue(node.token(NodeRole.WORKER).startsWith("WEFT2-"));
    }

    interface Attack {
        void run() throws IOException;
    }

    /** What is logged meanwhile. */
    static String logOf(Attack attack) throws IOException {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            attack.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        node.close();
    }
}
