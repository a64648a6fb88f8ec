package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.HealthCheck;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.ServiceSpec;
import dev.weft.testing.NamingServer;
import dev.weft.testing.Shell;
import dev.weft.testing.TwoHosts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service with three backends in containers, which serve at port 80 and say by HTTP at port 81 that they are well. */
@Tag("privileged")
class HealthTest {

    private static final String WELL = """
            import http.server
            class H(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(204 if self.path == '/healthz' else 404); self.end_headers()
                def log_message(self, *a): pass
            s = http.server.ThreadingHTTPServer(('', 81), H)
            print('ready', flush=True)
            s.serve_forever()
            """;
    /** Connects as often as it is told and prints who answered. Arguments: address, times. */
    private static final String CLIENT = """
            import socket, sys
            for i in range(int(sys.argv[2])):
                c = socket.create_connection((sys.argv[1], 80), 60); print(c.makefile().readline().strip()); c.close()
            """;
    /** Holds a connection open and echoes lines over it. Argument: address. */
    private static final String HOLD = """
            import socket, sys
            c = socket.create_connection((sys.argv[1], 80), 60); f = c.makefile()
            print(f.readline().strip(), flush=True)
            for line in sys.stdin:
                c.sendall(line.encode()); print(f.readline().strip(), flush=True)
            """;
    private static final String VIP = "10.77.0.80";
    private static final List<String> NAMES = List.of("b", "c", "d");

    @TempDir
    private Path directory;
    private TwoHosts hosts;
    private MemoryNodes nodes;
    private OverlayNetwork blue;
    private String client;
    private final Map<String, String> containers = new HashMap<>();
    private final Map<String, Process> healthServers = new HashMap<>();
    private final List<Process> running = new ArrayList<>();

    @BeforeEach
    void makeHosts() {
        hosts = new TwoHosts(false);
        nodes = new MemoryNodes(directory);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.forEach(Process::destroyForcibly);
        for (Process each : running) {
            each.waitFor();
        }
        nodes.close();
        hosts.close();
    }

    private void start(DataPathKind kind) throws IOException {
        WeftNode node = nodes.start("one", kind, () -> hosts.open(1, kind));
        blue = node.createNetwork(NetworkSpec.named("blue").subnet("10.77.0.0/24").build());
        client = hosts.member("a", 1, 1, 2).container();
        blue.attach(EndpointSpec.networkNamespace("a", client, "eth0").build());
        for (String name : NAMES) {
            containers.put(name, hosts.member(name, 1, 1, 3).container());
            running.add(NamingServer.start(containers.get(name), name));
            HealthCheck check = HealthCheck.of(new HealthCheck.Http(81, "/healthz", 204)).withInterval(Duration.ofMillis(200)).withRetries(2)
                    .withStartPeriod(Duration.ofMinutes(5));
            blue.attach(EndpointSpec.networkNamespace(name, containers.get(name), "eth0").healthCheck(check).build());
        }
        blue.publish(ServiceSpec.named("web").backends("b", "c", "d").vip(VIP).build());
    }

    private Process healthServer(String name) throws IOException {
        Process server = Shell.startIn(containers.get(name), "python3", "-c", WELL);
        running.add(server);
        assertEquals("ready", server.inputReader().readLine());
        return server;
    }

    private Health health(String name) {
        return blue.endpoints().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow().health().health();
    }

    /** What the node has heard its data path carries when something later is attached. */
    private void awaitHealth(String name, Health health) {
        Await.until(name + " is " + health, () -> health(name) == health
                && blue.resolve("tasks.web").contains(address(name)) == health.takesNewFlows());
        blue.attach(EndpointSpec.inProcess("later").build()).close();
    }

    private InetAddress address(String name) {
        return blue.localEndpoints().stream().map(Endpoint::info).filter(each -> each.name().equals(name)).findFirst().orElseThrow()
                .addresses().getFirst();
    }

    private Set<String> answering() {
        return Shell.in(client, "python3", "-c", CLIENT, VIP, "40").lines().collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @EnumSource(value = DataPathKind.class, names = {"KERNEL", "SOCKET", "DPDK"})
    void shouldSendNoNewConnectionToABackendThatIsNotWellAndLeaveTheOpenOnes(DataPathKind kind) throws Exception {
        start(kind);
        assertEquals(Health.STARTING, health("b"));
        assertEquals(List.of(), blue.resolve("tasks.web"), "none has been found healthy yet");
        for (String name : NAMES) {
            healthServers.put(name, healthServer(name));
            awaitHealth(name, Health.HEALTHY);
        }
        assertEquals(Set.copyOf(NAMES), answering());

        Process held = Shell.startIn(client, "python3", "-c", HOLD, VIP);
        running.add(held);
        BufferedReader answers = held.inputReader();
        String sick = answers.readLine();
        healthServers.get(sick).destroyForcibly().waitFor();
        awaitHealth(sick, Health.UNHEALTHY);
        assertFalse(answering().contains(sick), "no new connection");
        held.outputWriter().write("still there\n");
        held.outputWriter().flush();
        assertEquals("still there", answers.readLine(), "an open one goes on");

        healthServer(sick);
        awaitHealth(sick, Health.HEALTHY);
        assertEquals(Set.copyOf(NAMES), answering());
    }
}
