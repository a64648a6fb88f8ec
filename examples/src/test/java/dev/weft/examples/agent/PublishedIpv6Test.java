package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Published ports at IPv6 addresses of the nodes, by an ingress network of both families. The network of the backends is IPv4, as the underlay is.
 *
 * <pre>
 *   client 2001:db8::50 --- switch --- h1 kernel (c1), h2 socket (c2), h3 dpdk (c3)
 * </pre>
 */
@Tag("privileged")
class PublishedIpv6Test {

    private static final Map<String, Integer> NUMBERS = new TreeMap<>(Map.of("h1", 1, "h2", 2, "h3", 3, "client", 50));
    private static final List<String> HOSTS = List.of("h1", "h2", "h3");
    private static final String CLIENT = "2001:db8::50";
    @TempDir
    private Path directory;
    private ClusterLan lan;
    private PublishedService web;
    private final Map<String, Process> servers = new TreeMap<>();

    @BeforeEach
    void startAll() throws IOException {
        lan = new ClusterLan(directory, false);
        web = new PublishedService(lan);
        NUMBERS.forEach((host, number) -> {
            lan.host(host, number);
            lan.in(host, "ip", "addr", "add", "2001:db8::" + number + "/64", "dev", "ctl0", "nodad");
        });
        lan.start("h1", "kernel", "--init");
        String token = lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText();
        lan.start("h2", "socket", "--join", lan.address("h1"), "--token", token);
        lan.start("h3", "dpdk", "--join", lan.address("h1"), "--token", token);
        lan.weft("h1", "network", "create", "--subnet", "10.7.0.0/24", "--attachable", "blue");
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        servers.values().forEach(Process::destroyForcibly);
        lan.close();
    }

    private void serve(String container, String host) throws IOException {
        lan.namespace(container);
        lan.weft(host, "attach", "blue", container, "--netns", lan.name(container));
        started(container, PortScripts.SERVER, container, directory.resolve(container + ".clients").toString(), "::");
        started(container, PortScripts.UDP_SERVER, "::");
    }

    private void started(String container, String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(List.of(arguments));
        Process server = lan.startIn(container, command.toArray(String[]::new));
        servers.put(container + servers.size(), server);
        assertEquals("ready", server.inputReader().readLine());
    }

    @Test
    void shouldReachBackendsByIpv6WithTheClientsOwnAddress() throws IOException {
        ControlFailure ipv4Only = assertThrows(ControlFailure.class, () -> web.publish("web", false, List.of("[2001:db8::3]:8081:80"), "c1"));
        assertTrue(ipv4Only.getMessage().contains("ingress network 'ingress' has no IPv6 subnet"), ipv4Only.getMessage());
        lan.weft("h1", "network", "rm", "ingress");
        lan.weft("h1", "network", "create", "--ingress", "--subnet", "10.11.0.0/16", "--subnet", "fd00:11::/64", "both");
        for (int i = 1; i <= 3; i++) {
            serve("c" + i, "h" + i);
        }
        web.publish("web", false, List.of("8080:80", "[2001:db8::3]:8081:80", "53:5353/udp", "published=8082,target=80,mode=host"),
                "c1", "c2", "c3");

        for (String host : HOSTS) {
            String address = "2001:db8::" + NUMBERS.get(host);
            web.awaitAll("client", address, 8080, "c1 " + CLIENT, "c2 " + CLIENT, "c3 " + CLIENT);
            web.awaitAll(host, address, 8080, "c1 " + address, "c2 " + address, "c3 " + address);
            assertEquals(CLIENT, lan.in("client", "python3", "-c", PortScripts.UDP_CLIENT, address, "53").strip());
            web.awaitAll("client", address, 8082, host.replace('h', 'c') + " " + CLIENT);
            web.awaitAll("client", lan.address(host), 8080, "c1 ::ffff:192.0.2.50", "c2 ::ffff:192.0.2.50", "c3 ::ffff:192.0.2.50");
        }
        web.awaitAll("client", "2001:db8::3", 8081, "c1 " + CLIENT, "c2 " + CLIENT, "c3 " + CLIENT);
        assertEquals("", web.get("client", "2001:db8::1", 8081), "bound to an address that h3 has");
        String loopback = lan.in("h1", "timeout", "60", "bash", "-c", "(exec 3<>/dev/tcp/::1/8080) 2>&1 || true");
        assertTrue(loopback.contains("refused"), loopback + ": and not silence, for who tries ::1 before 127.0.0.1");
    }
}
