package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weft.examples.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs with nodes of their own behind one published port of a service, and each behind one of its endpoint; each on another data path, and the
 * one on SOCKET without capabilities.
 *
 * <pre>
 *   client 192.0.2.50 --- switch --- h1 kernel (an agent), h2 socket, h3 dpdk, h4 kernel (programs)
 * </pre>
 */
@Tag("privileged")
class PublishedInProcessTest {

    private static final String CLIENT = "192.0.2.50";
    private static final Set<String> EVERYONE = Set.of("h2 " + CLIENT, "h3 " + CLIENT, "h4 " + CLIENT);
    @TempDir
    private Path directory;
    private ClusterLan lan;
    private final Map<String, Process> programs = new TreeMap<>();

    @BeforeEach
    void startAll() throws IOException {
        lan = new ClusterLan(directory, false);
        for (int i = 1; i <= 4; i++) {
            lan.host("h" + i, i);
        }
        lan.host("client", 50);
        lan.start("h1", "kernel", "--init");
        lan.weft("h1", "network", "create", "--subnet", "10.7.0.0/24", "blue");
        lan.weft("h1", "publish", "blue", "echo", "--backend", "h2", "--backend", "h3", "--backend", "h4", "--publish", "9000:9000/udp");
        String token = lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText();
        start("h2", "SOCKET", token, "setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs");
        start("h3", "DPDK", token);
        start("h4", "KERNEL", token);
    }

    private void start(String host, String dataPath, String token, String... prefix) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", lan.name(host)));
        command.addAll(List.of(prefix));
        Process program = JavaProcess.start(command, JavaProcess.classPath(), PublishedEcho.class.getName(), host, directory.resolve(host).toString(),
                lan.address(host), dataPath, lan.address("h1"), token, ownPort(host));
        programs.put(host, program);
        assertEquals("ready", program.inputReader().readLine());
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        kill();
        lan.close();
    }

    /** Not one of them says goodbye. */
    private void kill() throws InterruptedException {
        for (Process program : programs.values()) {
            program.destroyForcibly().waitFor();
        }
        programs.keySet().forEach(lan::purge);
        programs.clear();
    }

    /** That its endpoint publishes. */
    private static String ownPort(String host) {
        return "900" + host.charAt(1);
    }

    /** Until all have answered at a node; nobody else does. */
    private void awaitAnswers(String node, String port, Set<String> expected) {
        Set<String> answered = new TreeSet<>();
        ClusterLan.await("all answer at " + node + " port " + port, () -> {
            String answer = lan.tryIn("client", "python3", "-c", PortScripts.UDP_CLIENT, lan.address(node), port);
            if (!answer.isEmpty()) {
                answered.add(answer);
            }
            return answered.containsAll(expected);
        });
        assertEquals(expected, answered);
    }

    @Test
    void shouldReachProgramsByEachNodeThatAnswersWithTheClientsOwnAddress() throws Exception {
        for (String node : List.of("h1", "h3", "h4")) {
            awaitAnswers(node, "9000", EVERYONE);
            for (String host : programs.keySet()) {
                awaitAnswers(node, ownPort(host), Set.of(host + " " + CLIENT));
            }
        }
        List<Path> ofKernelNode = namespacesOf("h4");
        assertFalse(ofKernelNode.isEmpty());
        kill();
        assertEquals(List.of(), ofKernelNode.stream().filter(Files::exists).toList());
    }

    /** Names that the node has in /run/netns. */
    private List<Path> namespacesOf(String host) throws IOException {
        String prefix = StreamSupport.stream(lan.tell("h1", "node-ls").spliterator(), false).filter(node -> node.get("name").asText().equals(host))
                .map(node -> "weft-" + node.get("id").asText().substring(0, 8) + "-").findFirst().orElseThrow();
        try (var names = Files.list(Path.of("/run/netns"))) {
            return names.filter(name -> name.getFileName().toString().startsWith(prefix)).toList();
        }
    }
}
