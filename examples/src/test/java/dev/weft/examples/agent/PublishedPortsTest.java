package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
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
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PublishedPortsTest {

    private static final Map<String, String> HOST_OF = Map.of("c1", "h1", "c2", "h2", "c3", "h3", "c4", "h1");
    private static final String CLIENT = "192.0.2.50";
    private static final int CONNECTIONS = 2_000;
    /** Each has a port of its own, from 10,000 on and below those that the kernel gives. */
    private static final int MOST_CONNECTIONS = 22_000;
    /** From when a manager knows of a death to when every node has its rules so. */
    private static final long SETTLED_MS = 3_000;
    private Path directory;
    private ClusterLan lan;
    private PublishedService services;
    private final Map<String, Process> servers = new TreeMap<>();

    @BeforeAll
    void startAll(@TempDir Path temporary) throws IOException {
        directory = temporary;
        lan = new ClusterLan(directory, false);
        services = new PublishedService(lan);
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
        Process server = lan.startIn(container, "python3", "-c", PortScripts.SERVER, container, log(container).toString());
        servers.put(container, server);
        assertEquals("ready", server.inputReader().readLine());
    }

    @AfterAll
    void stopAll() throws InterruptedException {
        servers.values().forEach(Process::destroyForcibly);
        lan.close();
    }

    private Path log(String container) {
        return directory.resolve(container + ".clients");
    }

    private void publish(String service, List<String> ports, String... backends) {
        services.publish(service, false, ports, backends);
    }

    private void remove(String service) {
        lan.tell("h1", ControlClient.request("service-rm").put("name", "blue/" + service));
    }

    /** Who answered, until all have that are expected to. */
    private Set<String> awaitAll(String from, String address, int port, Set<String> expected) {
        Set<String> answered = new TreeSet<>();
        ClusterLan.await(from + " hears of " + expected + " at " + address + ":" + port + "; heard of " + answered, () -> {
            String answer = services.get(from, address, port);
            if (!answer.isEmpty()) {
                answered.add(answer);
            }
            return answered.containsAll(expected) && !answered.isEmpty();
        });
        return answered;
    }

    private static Set<String> everyone(String client) {
        return Set.of("c1 " + client, "c2 " + client, "c3 " + client, "c4 " + client);
    }

    @Test
    @Order(1)
    void shouldReachEachBackendByEachNodeWithTheClientsOwnAddress() {
        publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");

        for (String host : List.of("h1", "h2", "h3")) {
            assertEquals(everyone(CLIENT), awaitAll("client", lan.address(host), 8080, everyone(CLIENT)));
        }
        assertEquals(everyone(lan.address("h2")), awaitAll("h2", lan.address("h2"), 8080, everyone(lan.address("h2"))), "the host itself");
        String gateway = awaitAll("h3", "127.0.0.1", 8080, Set.of()).iterator().next().split(" ")[1];
        assertTrue(gateway.startsWith("172.16."), gateway + ": 127.0.0.1 is nobody's address in the mesh");
    }

    @Test
    @Order(2)
    void shouldPublishAsItIsAsked() throws IOException {
        publish("local", List.of("published=8090,target=80,mode=host"), "c2");
        services.publish("hidden", true, List.of("8091:80"), "c1", "c3");
        publish("ranged", List.of("8100-8101:80-81", lan.address("h3") + ":8102:80"), "c4");
        Process names = lan.startIn("c1", "python3", "-c", PortScripts.UDP_SERVER);
        servers.put("names", names);
        assertEquals("ready", names.inputReader().readLine());
        publish("names", List.of("53:5353/udp"), "c1");
        String routes = lan.in("c1", "ip", "route", "show", "default");
        assertTrue(routes.contains("weftgw"), routes + ": the gateway bridge is another way out");
        Process signalling = lan.startIn("c2", "python3", "-c", PortScripts.SCTP, "2", "2905");
        servers.put("signalling", signalling);
        BufferedReader associations = signalling.inputReader();
        assertEquals("ready", associations.readLine());
        publish("signalling", List.of("2900:2905/sctp"), "c2");

        assertEquals(Set.of("c2 " + CLIENT), awaitAll("client", lan.address("h2"), 8090, Set.of("c2 " + CLIENT)));
        assertEquals("", services.get("client", lan.address("h1"), 8090), "mode host: only where a backend is");
        for (String host : List.of("h1", "h2", "h3")) {
            String answer = awaitAll("client", lan.address(host), 8091, Set.of()).iterator().next();
            assertTrue(answer.matches("c[13] 172\\.16\\..*"), answer);
            assertEquals(Set.of("c4 " + CLIENT), awaitAll("client", lan.address(host), 8100, Set.of("c4 " + CLIENT)));
            assertEquals(Set.of("c4 " + CLIENT), awaitAll("client", lan.address(host), 8101, Set.of("c4 " + CLIENT)));
            assertEquals(CLIENT, lan.in("client", "python3", "-c", PortScripts.UDP_CLIENT, lan.address(host), "53"));
            String own = "4" + host.charAt(1) + "000";
            ClusterLan.await("SCTP by " + host, () -> lan.answers("client", "python3", "-c", PortScripts.SCTP, "1", own, lan.address(host), "2900"));
            String from = associations.readLine();
            while (!from.endsWith(" " + own)) {
                from = associations.readLine(); // of an earlier attempt, by the host before
            }
            assertEquals(CLIENT + " " + own, from);
        }
        assertEquals(Set.of("c4 " + CLIENT), awaitAll("client", lan.address("h3"), 8102, Set.of("c4 " + CLIENT)));
        assertEquals("", services.get("client", lan.address("h1"), 8102), "bound to an address that h3 has");
        lan.namespace("c5");
        serve("c5");
        lan.weft("h2", "attach", "blue", "c5", "--netns", lan.name("c5"), "--publish", "8110:80"); // at a worker
        assertEquals(Set.of("c5 " + CLIENT), awaitAll("client", lan.address("h1"), 8110, Set.of("c5 " + CLIENT)));
        lan.weft("h2", "detach", "blue", "c5");
        List.of("local", "hidden", "ranged", "names", "signalling").forEach(this::remove);
    }

    /** Nothing when it is connected, or why it is not. */
    private String connect(String address, int port) {
        return lan.in("client", "sh", "-c", "timeout 60 bash -c '(exec 3<>/dev/tcp/" + address + "/" + port + ") 2>&1 || true' || echo no answer");
    }

    private static String said(Process conversation, String line) throws IOException {
        conversation.outputWriter().append(line).append('\n').flush();
        return conversation.inputReader().readLine();
    }

    @Test
    @Order(3)
    void shouldPublishAPortOtherwiseAndKeepOpenConnections() throws IOException {
        Process echo = lan.startIn("c2", "python3", "-c", PortScripts.ECHO);
        servers.put("echo", echo);
        assertEquals("ready", echo.inputReader().readLine());
        publish("steady", List.of("8095:82"), "c2");
        ClusterLan.await("steady answers", () -> connect(lan.address("h3"), 8095).isEmpty());
        Process open = lan.startIn("client", "python3", "-c", PortScripts.CONVERSATION, lan.address("h3"), "8095");
        servers.put("open", open);
        assertEquals("before", said(open, "before"));

        lan.weft("h1", "service", "update", "--publish-add", "8096:82", "--publish-add", "8097:80", "blue/steady");
        for (String host : List.of("h1", "h2", "h3")) {
            ClusterLan.await("the further port answers at " + host, () -> connect(lan.address(host), 8096).isEmpty());
            awaitAll("client", lan.address(host), 8097, Set.of("c2 " + CLIENT));
            assertEquals("", connect(lan.address(host), 8095), "the earlier port goes on");
        }
        lan.weft("h1", "service", "update", "--publish-rm", "8095:82", "--publish-rm", "80", "--lb", "maglev", "--affinity", "--weight", "c2=3",
                "steady");
        for (String host : List.of("h1", "h2", "h3")) {
            for (int port : List.of(8095, 8097)) {
                ClusterLan.await("port " + port + " answers no more at " + host, () -> connect(lan.address(host), port).contains("refused"));
            }
            assertEquals("", connect(lan.address(host), 8096));
        }
        assertEquals("after", said(open, "after"), "a connection that was open is left alone");
        lan.weft("h1", "service", "update", "--no-affinity", "--lb", "rr", "steady");
        assertEquals("still", said(open, "still"));

        AssertionError atWorker = assertThrows(AssertionError.class, () -> lan.weft("h2", "service", "update", "--affinity", "steady"));
        assertTrue(atWorker.getMessage().contains("manager-required"), atWorker.getMessage());
        AssertionError taken = assertThrows(AssertionError.class, () -> lan.weft("h1", "service", "update", "--publish-add", "8080:82", "steady"));
        assertTrue(taken.getMessage().contains("service 'web' of network 'blue' has published"), taken.getMessage());
        lan.weft("h1", "service", "update", "--backend-add", "c4", "--backend-rm", "c2", "--publish-add", "8097:80", "steady");
        for (String host : List.of("h1", "h2", "h3")) {
            ClusterLan.await("c4 instead of c2 at " + host, () -> services.get("client", lan.address(host), 8097).equals("c4 " + CLIENT));
            assertEquals(Set.of("c4 " + CLIENT), awaitAll("client", lan.address(host), 8097, Set.of("c4 " + CLIENT)));
        }
        remove("steady");
    }

    @Test
    @Order(4)
    void shouldMakeTheIngressNetworkAnew() {
        ControlFailure inUse = assertThrows(ControlFailure.class, () -> lan.tell("h1", ControlClient.request("network-rm").put("name", "ingress")));
        assertTrue(inUse.getMessage().contains("service 'web' of network 'blue'"), inUse.getMessage());
        remove("web");
        lan.tell("h1", ControlClient.request("network-rm").put("name", "ingress"));
        ControlFailure none = assertThrows(ControlFailure.class, () -> publish("web", List.of("8080:80"), "c1"));
        assertTrue(none.getMessage().contains("has no ingress network"), none.getMessage());
        publish("quiet", List.of(), "c2");
        String vip = Lists.get(lan.tell("h1", ControlClient.request("service-inspect").put("name", "quiet")), "vips").getFirst();
        ClusterLan.await("a service that publishes nothing goes on", () -> services.get("c1", vip, 80).startsWith("c2 10.7.0."));

        ObjectNode another = ControlClient.request("network-create").put("name", "way-in").put("ingress", true).put("mtu", 1200);
        Lists.put(another, "subnets", List.of("10.11.0.0/16"));
        Lists.put(another, "gateways", List.of("10.11.0.2"));
        lan.tell("h1", another);
        publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");
        for (String host : List.of("h1", "h2", "h3")) {
            assertEquals(everyone(CLIENT), awaitAll("client", lan.address(host), 8080, everyone(CLIENT)));
        }
        String links = lan.in("c2", "ip", "-o", "addr", "show") + lan.in("c2", "ip", "-o", "link", "show");
        assertTrue(links.contains(" 10.11.0.") && links.contains("mtu 1200"), links);
    }

    /** One connection of the many. */
    private record Connection(int port, String node, long began, long ended, String answer) {

        static Connection parse(String line) {
            String[] parts = line.split(" ", 5);
            return new Connection(Integer.parseInt(parts[0]), parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]), parts[4]);
        }

        boolean failed() {
            return answer.startsWith("failed");
        }

        boolean touches(long from, long until) {
            return ended >= from && began <= until;
        }
    }

    @Test
    @Order(5)
    void shouldFailOnlyConnectionsToWhatDied() throws Exception {
        Process clients = lan.startIn("client", "python3", "-c", PortScripts.CLIENTS, "" + MOST_CONNECTIONS, "8080", lan.address("h1"),
                lan.address("h2"), lan.address("h3"));
        BufferedReader told = clients.inputReader();
        List<Connection> all = read(told, CONNECTIONS);
        long detaching = System.currentTimeMillis();
        lan.tell("h1", ControlClient.request("detach").put("network", "blue").put("name", "c4"));
        ClusterLan.await("c4 has left", () -> !lan.in("c4", "ip", "-br", "link").contains("wi"));
        long detached = System.currentTimeMillis();
        all.addAll(read(told, CONNECTIONS));
        attach("c4");
        all.addAll(read(told, CONNECTIONS));
        long killing = System.currentTimeMillis();
        lan.kill("h3");
        clients.outputWriter().append(lan.address("h3")).append('\n').flush();
        ClusterLan.await("h3 is known to be dead", () -> !Lists.get(lan.tell("h1", ControlClient.request("service-inspect").put("name", "web")),
                "serving").contains("c3"));
        long known = System.currentTimeMillis() + SETTLED_MS;
        for (int after = 0; after < CONNECTIONS; after += all.getLast().began() > known ? 1 : 0) {
            all.addAll(read(told, 1));
        }
        clients.outputWriter().append("enough\n").flush();
        told.lines().map(Connection::parse).forEach(all::add);

        assertEquals(0, clients.waitFor());
        Set<Integer> servedByLiving = new HashSet<>();
        for (String container : List.of("c1", "c2")) {
            Files.readAllLines(log(container)).stream().filter(line -> line.startsWith(CLIENT)).forEach(line ->
                    servedByLiving.add(Integer.parseInt(line.split(" ")[1])));
        }
        for (Connection each : all) {
            boolean byTheDead = each.node().equals(lan.address("h3")) && each.ended() >= killing;
            boolean mayFail = byTheDead || each.touches(detaching, detached) || each.touches(killing, known);
            assertTrue(mayFail || !each.failed(),
                    each + " failed; detached " + detaching + " to " + detached + ", killed " + killing + " to " + known);
            assertFalse(each.failed() && !byTheDead && servedByLiving.contains(each.port()), each + " was answered by a backend that lives");
            assertTrue(each.failed() || each.answer().endsWith(" " + CLIENT), each + ": not the client's own address");
        }
        for (String container : HOST_OF.keySet()) {
            assertTrue(all.stream().anyMatch(each -> each.began() < detaching && each.answer().startsWith(container)), container + " answered");
        }
        assertTrue(all.stream().anyMatch(each -> each.began() > known && each.answer().startsWith("c4")), "c4 answers again");
        assertTrue(all.stream().noneMatch(each -> each.began() > known && each.answer().startsWith("c3")), "c3 is gone");
    }

    private static List<Connection> read(BufferedReader told, int count) throws IOException {
        List<Connection> read = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read.add(Connection.parse(told.readLine()));
        }
        return read;
    }
}
