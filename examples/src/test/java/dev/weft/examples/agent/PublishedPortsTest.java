package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

/** What the published ports of a {@link PublishedCluster} answer, in each of their forms. */
@Tag("privileged")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PublishedPortsTest {

    private static final String CLIENT = PublishedCluster.CLIENT;
    private static final int INGRESS_VNI = 4095;
    private static final int TWO_HOURS = 2 * 60 * 60;
    private PublishedCluster cluster;
    private ClusterLan lan;
    private PublishedService services;

    @BeforeAll
    void startAll(@TempDir Path directory) throws Exception {
        cluster = PublishedCluster.start(directory);
        lan = cluster.lan;
        services = cluster.services;
    }

    @AfterAll
    void stopAll() throws InterruptedException {
        if (cluster != null) {
            cluster.close();
        }
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

    @Test
    @Order(1)
    void shouldReachEachBackendByEachNodeWithTheClientsOwnAddress() {
        cluster.publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");

        for (String host : PublishedCluster.HOSTS) {
            assertEquals(PublishedCluster.everyone(CLIENT), awaitAll("client", lan.address(host), 8080, PublishedCluster.everyone(CLIENT)));
        }
        Set<String> byHost = PublishedCluster.everyone(lan.address("h2"));
        assertEquals(byHost, awaitAll("h2", lan.address("h2"), 8080, byHost), "the host itself");
        String gateway = awaitAll("h3", "127.0.0.1", 8080, Set.of()).iterator().next().split(" ")[1];
        assertTrue(gateway.startsWith("172.16."), gateway + ": 127.0.0.1 is nobody's address in the mesh");
    }

    @Test
    @Order(2)
    void shouldPublishAsItIsAsked() throws IOException {
        cluster.publish("local", List.of("published=8090,target=80,mode=host"), "c2");
        services.publish("hidden", true, List.of("8091:80"), "c1", "c3");
        cluster.publish("ranged", List.of("8100-8101:80-81", lan.address("h3") + ":8102:80"), "c4");
        cluster.serve("c1", PortScripts.UDP_SERVER);
        cluster.publish("names", List.of("53:5353/udp"), "c1");
        String routes = lan.in("c1", "ip", "route", "show", "default");
        assertTrue(routes.contains("weftgw"), routes + ": the gateway bridge is another way out");
        BufferedReader associations = cluster.serve("c2", PortScripts.SCTP, "2", "2905").inputReader();
        cluster.publish("signalling", List.of("2900:2905/sctp"), "c2");

        assertEquals(Set.of("c2 " + CLIENT), awaitAll("client", lan.address("h2"), 8090, Set.of("c2 " + CLIENT)));
        assertEquals("", services.get("client", lan.address("h1"), 8090), "mode host: only where a backend is");
        for (String host : PublishedCluster.HOSTS) {
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
        cluster.serve("c5");
        lan.weft("h2", "attach", "blue", "c5", "--netns", lan.name("c5"), "--publish", "8110:80"); // at a worker
        assertEquals(Set.of("c5 " + CLIENT), awaitAll("client", lan.address("h1"), 8110, Set.of("c5 " + CLIENT)));
        lan.weft("h2", "detach", "blue", "c5");
        List.of("local", "hidden", "ranged", "names", "signalling").forEach(cluster::remove);
    }

    /** Nothing when it is connected, or why it is not. */
    private String connect(String address, int port) {
        return lan.in("client", "sh", "-c", "timeout 60 bash -c '(exec 3<>/dev/tcp/" + address + "/" + port + ") 2>&1 || true' || echo no answer");
    }

    @Test
    @Order(3)
    void shouldPublishAPortOtherwiseAndKeepOpenConnections() throws IOException {
        cluster.serve("c2", PortScripts.ECHO);
        cluster.publish("steady", List.of("8095:82"), "c2");
        ClusterLan.await("steady answers", () -> connect(lan.address("h3"), 8095).isEmpty());
        Conversation open = new Conversation(cluster.start("client", "python3", "-c", PortScripts.CONVERSATION, lan.address("h3"), "8095"));

        lan.weft("h1", "service", "update", "--publish-add", "8096:82", "--publish-add", "8097:80", "blue/steady");
        for (String host : PublishedCluster.HOSTS) {
            ClusterLan.await("the further port answers at " + host, () -> connect(lan.address(host), 8096).isEmpty());
            awaitAll("client", lan.address(host), 8097, Set.of("c2 " + CLIENT));
            assertEquals("", connect(lan.address(host), 8095), "the earlier port goes on");
        }
        lan.weft("h1", "service", "update", "--publish-rm", "8095:82", "--publish-rm", "80", "--lb", "maglev", "--affinity", "--weight", "c2=3",
                "steady");
        for (String host : PublishedCluster.HOSTS) {
            for (int port : List.of(8095, 8097)) {
                ClusterLan.await("port " + port + " answers no more at " + host, () -> connect(lan.address(host), port).contains("refused"));
            }
            assertEquals("", connect(lan.address(host), 8096));
        }
        assertEquals("after", open.say("after"), "a connection that was open is left alone");
        lan.weft("h1", "service", "update", "--no-affinity", "--lb", "rr", "steady");
        assertEquals("still", open.say("still"));

        AssertionError atWorker = assertThrows(AssertionError.class, () -> lan.weft("h2", "service", "update", "--affinity", "steady"));
        assertTrue(atWorker.getMessage().contains("manager-required"), atWorker.getMessage());
        AssertionError taken = assertThrows(AssertionError.class, () -> lan.weft("h1", "service", "update", "--publish-add", "8080:82", "steady"));
        assertTrue(taken.getMessage().contains("service 'web' of network 'blue' has published"), taken.getMessage());
        lan.weft("h1", "service", "update", "--backend-add", "c4", "--backend-rm", "c2", "--publish-add", "8097:80", "steady");
        for (String host : PublishedCluster.HOSTS) {
            ClusterLan.await("c4 instead of c2 at " + host, () -> services.get("client", lan.address(host), 8097).equals("c4 " + CLIENT));
            assertEquals(Set.of("c4 " + CLIENT), awaitAll("client", lan.address(host), 8097, Set.of("c4 " + CLIENT)));
        }
        cluster.remove("steady");
    }

    /** Docker's IPVS forgets a connection after 900 s. User-space paths: {@code VipFlowsTest}, with the clock handed in. */
    @Test
    @Order(4)
    void shouldKnowAnIdleConnectionForHours() throws IOException {
        cluster.serve("c1", PortScripts.ECHO);
        cluster.publish("patient", List.of("8098:82"), "c1");
        for (String host : PublishedCluster.HOSTS) {
            ClusterLan.await("patient answers by " + host, () -> connect(lan.address(host), 8098).isEmpty());
            new Conversation(cluster.start("client", "python3", "-c", PortScripts.CONVERSATION, lan.address(host), "8098"));
            assertKnownForHours(lan.in(host, "cat", "/proc/net/nf_conntrack"), 8098);
        }
        assertKnownForHours(lan.trackedInNetwork("h1", INGRESS_VNI), 82);
        assertKnownForHours(lan.in("c1", "cat", "/proc/net/nf_conntrack"), 82);
        cluster.remove("patient");
    }

    /** Each connection of the client to that port, by what the kernel says how long it will know it if nothing more comes. */
    private static void assertKnownForHours(String tracked, int port) {
        List<String> ours = tracked.lines().filter(line -> line.contains("ESTABLISHED src=" + CLIENT + " ") && line.contains(" dport=" + port + " "))
                .toList();
        assertFalse(ours.isEmpty(), tracked);
        ours.forEach(line -> assertTrue(Integer.parseInt(line.split(" +")[4]) > TWO_HOURS, line));
    }

    @Test
    @Order(5)
    void shouldMakeTheIngressNetworkAnew() {
        ControlFailure ipv4Only = assertThrows(ControlFailure.class, () -> cluster.publish("six", List.of("[2001:db8::3]:8081:80"), "c1"));
        assertTrue(ipv4Only.getMessage().contains("ingress network 'ingress' has no IPv6 subnet"), ipv4Only.getMessage());
        ControlFailure inUse = assertThrows(ControlFailure.class, () -> lan.tell("h1", ControlClient.request("network-rm").put("name", "ingress")));
        assertTrue(inUse.getMessage().contains("service 'web' of network 'blue'"), inUse.getMessage());
        cluster.remove("web");
        lan.tell("h1", ControlClient.request("network-rm").put("name", "ingress"));
        ControlFailure none = assertThrows(ControlFailure.class, () -> cluster.publish("web", List.of("8080:80"), "c1"));
        assertTrue(none.getMessage().contains("has no ingress network"), none.getMessage());
        cluster.publish("quiet", List.of(), "c2");
        String vip = Lists.get(lan.tell("h1", ControlClient.request("service-inspect").put("name", "quiet")), "vips").getFirst();
        ClusterLan.await("a service that publishes nothing goes on", () -> services.get("c1", vip, 80).startsWith("c2 10.7.0."));

        ObjectNode another = ControlClient.request("network-create").put("name", "way-in").put("ingress", true).put("mtu", 1200);
        Lists.put(another, "subnets", List.of("10.11.0.0/16"));
        Lists.put(another, "gateways", List.of("10.11.0.2"));
        lan.tell("h1", another);
        cluster.publish("web", List.of("8080:80"), "c1", "c2", "c3", "c4");
        for (String host : PublishedCluster.HOSTS) {
            assertEquals(PublishedCluster.everyone(CLIENT), awaitAll("client", lan.address(host), 8080, PublishedCluster.everyone(CLIENT)));
        }
        String links = lan.in("c2", "ip", "-o", "addr", "show") + lan.in("c2", "ip", "-o", "link", "show");
        assertTrue(links.contains(" 10.11.0.") && links.contains("mtu 1200"), links);
    }
}
