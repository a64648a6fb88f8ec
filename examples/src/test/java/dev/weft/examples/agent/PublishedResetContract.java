package dev.weft.examples.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** An open connection by a published port ends with a reset when its backend is gone, by whichever node it came; by one family of addresses. */
@Tag("privileged")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class PublishedResetContract {

    private static final int TALK = 8098;
    private static final int WEB = 8099;
    private final boolean ipv6;
    private PublishedCluster cluster;
    private ClusterLan lan;

    PublishedResetContract(boolean ipv6) {
        this.ipv6 = ipv6;
    }

    @BeforeAll
    void startAll(@TempDir Path directory) throws Exception {
        cluster = PublishedCluster.start(directory, ipv6);
        lan = cluster.lan;
    }

    @AfterAll
    void stopAll() throws InterruptedException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void removeService() {
        cluster.remove("talk");
    }

    /** A service of one backend, and a conversation with it by each of the hosts. */
    private Map<String, Conversation> talk(String backend, List<String> hosts) throws IOException {
        cluster.serve(backend, PortScripts.ECHO);
        cluster.publish("talk", List.of(TALK + ":82", WEB + ":80"), backend);
        Map<String, Conversation> open = new TreeMap<>();
        for (String host : hosts) {
            awaitAnswer(host, backend);
            open.put(host, new Conversation(cluster.start("client", "python3", "-c", PortScripts.CONVERSATION, cluster.address(host), "" + TALK)));
        }
        return open;
    }

    private void awaitAnswer(String host, String backend) {
        ClusterLan.await(backend + " answers by " + host, () -> cluster.services.get("client", cluster.address(host), WEB).startsWith(backend));
    }

    private void awaitRefusal(String host) {
        String connect = "(exec 3<>/dev/tcp/" + cluster.address(host) + "/" + WEB + ") 2>&1 || true";
        ClusterLan.await(host + " refuses", () -> lan.in("client", "timeout", "60", "bash", "-c", connect).contains("refused"));
    }

    private static void assertReset(Map<String, Conversation> open) throws IOException {
        for (Map.Entry<String, Conversation> each : open.entrySet()) {
            each.getValue().assertReset(each.getKey());
        }
    }

    @Test
    @Order(1)
    void shouldResetConnectionsToABackendThatTheServiceNamesNoMore() throws IOException {
        cluster.publish("other", List.of("8100:80"), "c1"); // so c1 lives on in the ingress network, and c4 cannot get its address there
        Map<String, Conversation> open = talk("c1", PublishedCluster.HOSTS);

        lan.weft("h1", "service", "update", "--backend-add", "c4", "--backend-rm", "c1", "talk");
        PublishedCluster.HOSTS.forEach(host -> awaitAnswer(host, "c4"));

        assertReset(open);
        cluster.remove("other");
    }

    @Test
    @Order(2)
    void shouldResetConnectionsToABackendThatIsDetached() throws IOException {
        Map<String, Conversation> open = talk("c2", PublishedCluster.HOSTS);

        lan.weft("h2", "detach", "blue", "c2");
        PublishedCluster.HOSTS.forEach(this::awaitRefusal);

        assertReset(open);
    }

    @Test
    @Order(3)
    void shouldResetConnectionsToABackendWhoseNodeDied() throws Exception {
        List<String> living = List.of("h1", "h2");
        Map<String, Conversation> open = talk("c3", living);

        lan.kill("h3");
        living.forEach(this::awaitRefusal);

        assertReset(open);
    }
}
