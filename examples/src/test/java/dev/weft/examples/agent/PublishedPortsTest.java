package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three hosts, a node in each on another data path, four containers with an HTTP server, and a client that is no part of the cluster.
 *
 * <pre>
 *   client 192.0.2.50 --- switch --- h1 kernel (c1, c4), h2 socket (c2), h3 dpdk (c3)
 * </pre>
 */
@Tag("privileged")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishedPortsTest {

    private static final Map<String, String> HOST_OF = Map.of("c1", "h1", "c2", "h2", "c3", "h3", "c4", "h1");
    private static final String CLIENT = "192.0.2.50";
    /** Answers each request with its name and the client's address. Arguments: name, port. */
    private static final String SERVER = """
            import http.server, sys
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    body = (sys.argv[1] + ' ' + self.client_address[0]).encode()
                    self.send_response(200); self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body)
                def log_message(self, *ignored): pass
            class Server(http.server.ThreadingHTTPServer):
                request_queue_size = 512
            server = Server(('', int(sys.argv[2])), Handler)
            print('ready', flush=True)
            server.serve_forever()
            """;

    private ClusterLan lan;
    private final Map<String, Process> servers = new TreeMap<>();

    @BeforeAll
    void startAll(@TempDir Path directory) throws IOException {
        lan = new ClusterLan(directory, false);
        for (int i = 1; i <= 3; i++) {
            lan.host("h" + i, i);
        }
        lan.host("client", 50);
        lan.start("h1", "kernel", "--init");
        lan.start("h2", "socket", "--join", lan.address("h1"), "--token", token());
        lan.start("h3", "dpdk", "--join", lan.address("h1"), "--token", token());
        ObjectNode blue = ControlClient.request("network-create").put("name", "blue").put("attachable", true);
        Lists.put(blue, "subnets", List.of("10.7.0.0/24"));
        lan.tell("h1", blue);
        for (String container : HOST_OF.keySet()) {
            lan.namespace(container);
            attach(container);
            serve(container);
        }
    }

    private String token() {
        return lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText();
    }

    private void attach(String container) {
        lan.tell(HOST_OF.get(container), ControlClient.request("attach").put("network", "blue").put("name", container)
                .put("namespace", lan.name(container)).put("interface", "weft0"));
    }

    private void serve(String container) throws IOException {
        Process server = lan.startIn(container, "python3", "-c", SERVER, container, "80");
        servers.put(container, server);
        assertEquals("ready", server.inputReader().readLine());
    }

    @AfterAll
    void stopAll() throws InterruptedException {
        servers.values().forEach(Process::destroyForcibly);
        lan.close();
    }

    private void publish(String service, List<String> ports, String... backends) {
        ObjectNode request = ControlClient.request("publish").put("network", "blue").put("name", service).put("mode", "vip").put("lb", "rr");
        Lists.put(request, "backends", List.of(backends));
        Lists.put(request, "ports", ports);
        lan.tell("h1", request);
    }

    private void remove(String service) {
        lan.tell("h1", ControlClient.request("service-rm").put("name", "blue/" + service));
    }

    /** What a host's port answers; nothing when it does not. */
    private String get(String from, String address, int port) {
        try {
            return lan.in(from, "curl", "-s", "-m", "2", "http://" + address + ":" + port + "/");
        } catch (AssertionError e) {
            return "";
        }
    }

    /** Who answered, until all have that are expected to. */
    private Set<String> awaitAll(String from, String address, int port, Set<String> expected) {
        Set<String> answered = new TreeSet<>();
        ClusterLan.await(from + " hears of " + expected + " at " + address + ":" + port + "; heard of " + answered, () -> {
            String answer = get(from, address, port);
            if (!answer.isEmpty()) {
                answered.add(answer);
            }
            return answered.containsAll(expected);
        });
        return answered;
    }

    @Test
    void shouldReachEachBackendByEachNodeWithTheClientsOwnAddress() {
        publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");
        Set<String> all = Set.of("c1 " + CLIENT, "c2 " + CLIENT, "c3 " + CLIENT, "c4 " + CLIENT);
        for (String host : List.of("h1", "h2", "h3")) {
            assertEquals(all, awaitAll("client", lan.address(host), 8080, all));
        }
        remove("web");
    }
}
