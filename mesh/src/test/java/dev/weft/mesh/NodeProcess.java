package dev.weft.mesh;

import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.mesh.path.RecordingDataPath;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node in a JVM of its own, on the class path as the launcher starts it, so that a test can kill it. */
final class NodeProcess implements AutoCloseable {

    private static final int NAME = 0;
    private static final int DIRECTORY = 1;
    private static final int PORT = 2;
    private static final int TOKEN = 3;
    private static final int ATTACH = 4;

    private final Process process;
    private final List<String> said;

    private NodeProcess(Process process, List<String> said) {
        this.process = process;
        this.said = said;
    }

    /**
     * Starts the node and waits until it serves.
     *
     * @param token  empty: it begins a cluster
     * @param attach the endpoint to attach to the first network, empty: none
     */
    static NodeProcess start(String name, Path directory, int port, String token, String attach) throws IOException {
        String classPath = Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, "")).filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
        String testClasses = Path.of(NodeProcess.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .resolveSibling("test-classes").toString();
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", testClasses + File.pathSeparator + classPath, NodeProcess.class.getName(),
                name, directory.toString(), Integer.toString(port), token, attach).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = reader.lines().takeWhile(line -> !line.equals("ready")).toList();
        return new NodeProcess(process, said);
    }

    String said(String key) {
        return said.stream().filter(line -> line.startsWith(key + "=")).findFirst().orElseThrow(() -> new AssertionError(said.toString()))
                .substring(key.length() + 1);
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGKILL, should it still run. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    public static void main(String[] arguments) throws InterruptedException {
        int port = Integer.parseInt(arguments[PORT]);
        NodeSpec spec = OverlayNode.builder().name(arguments[NAME]).dataDirectory(Path.of(arguments[DIRECTORY])).advertise("127.0.0.1")
                .managementPort(port).dataPath(DataPathKind.SOCKET).build();
        ClusterLink link = arguments[TOKEN].isEmpty() ? ClusterLink.init(spec) : ClusterLink.join(spec, "127.0.0.1:" + port, arguments[TOKEN]);
        RecordingDataPath path = new RecordingDataPath(DataPathKind.SOCKET);
        WeftNode node = NodeStart.start(spec, link, List.of(path));
        if (!arguments[ATTACH].isEmpty()) {
            OverlayNetwork network = node.networks().getFirst();
            network.attach(EndpointSpec.networkNamespace(arguments[ATTACH], "ns", "eth0").build());
            network.attach(EndpointSpec.inProcess("jvm").build());
        }
        System.out.println("id=" + node.info().id());
        System.out.println("token=" + node.token(NodeRole.WORKER));
        System.out.println("networks=" + node.networks().stream().map(network -> network.info().name()).toList());
        System.out.println("endpoints=" + node.networks().stream().flatMap(network -> network.endpoints().stream()).map(EndpointInfo::name).toList());
        System.out.println("carried=" + path.last().networks().stream().flatMap(network -> network.locals().stream())
                .map(local -> local.id().name()).toList());
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
