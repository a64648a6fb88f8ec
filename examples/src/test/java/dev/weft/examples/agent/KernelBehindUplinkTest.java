package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host whose data-path wire ends at a port of DPDK's, of which its kernel sees nothing (net_tap: the wire's other end is at the switch), and a
 * tap with the data-path address, by which the kernel takes part.
 *
 * <pre>
 *   client 198.51.100.50 --- switch dat --- 198.51.100.1 h1 kernel (c1)
 *                                       --- net_tap: h2 dpdk (c2): tap nic0 198.51.100.2
 * </pre>
 */
@Tag("privileged")
class KernelBehindUplinkTest {

    private static final String CLIENT = "198.51.100.50";
    private static final String WIRE = "wnic2";
    @TempDir
    private Path directory;
    private ClusterLan lan;
    private PublishedService web;
    private final List<Process> servers = new ArrayList<>();

    @BeforeEach
    void startAll() throws IOException {
        lan = new ClusterLan(directory, true);
        web = new PublishedService(lan);
        lan.host("h1", 1);
        lan.host("h2", 2);
        lan.host("client", 50);
        lan.in("h2", "ip", "link", "del", "dat0");
        lan.in("h2", "ip", "tuntap", "add", "nic0", "mode", "tap");
        lan.in("h2", "ip", "addr", "add", lan.vtep("h2") + "/24", "dev", "nic0");
        lan.start("h1", "kernel", "--init");
        String token = lan.tell("h1", ControlClient.request("token").put("role", "worker")).asText();
        lan.start("h2", "dpdk", "--join", lan.address("h1"), "--token", token, "--uplink", "net_tap_h2,iface=" + WIRE);
        lan.in("h2", "ip", "link", "set", WIRE, "netns", lan.name("dat"));
        // The switch's port has a MAC of its own: a bridge keeps what is for a MAC of its ports.
        lan.in("dat", "ip", "link", "set", WIRE, "address", "02:00:00:00:00:99", "master", "wire", "up");
        lan.weft("h1", "network", "create", "--subnet", "10.7.0.0/24", "--attachable", "blue");
        for (int i = 1; i <= 2; i++) {
            lan.namespace("c" + i);
            lan.weft("h" + i, "attach", "blue", "c" + i, "--netns", lan.name("c" + i));
            serve("c" + i);
        }
    }

    private void serve(String which) throws IOException {
        Process server = lan.startIn(which, "python3", "-c", PortScripts.SERVER, which, directory.resolve(which + ".clients").toString());
        servers.add(server);
        assertEquals("ready", server.inputReader().readLine());
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        servers.forEach(Process::destroyForcibly);
        lan.close();
    }

    @Test
    void shouldCarryTheOverlayAndLeaveTheRestToTheKernel() throws IOException {
        String inspected = lan.tell("h2", ControlClient.request("node-inspect").put("name", "h2")).toString();
        assertTrue(inspected.contains("vtep=shared with the kernel by nic0"), inspected);
        assertEquals(lan.in("h2", "cat", "/sys/class/net/nic0/carrier").strip(), "1");

        ClusterLan.await("the overlay", () -> lan.answers("c1", "ping", "-q", "-c", "1", "-W", "1", "10.7.0.3"));
        ClusterLan.await("the kernel", () -> lan.answers("client", "ping", "-q", "-c", "1", "-W", "1", lan.vtep("h2")));
        serve("h2");
        assertEquals("h2 " + CLIENT, web.get("client", lan.vtep("h2"), 80), "what the host itself serves");
        String refused = lan.in("client", "timeout", "5", "bash", "-c", "(exec 3<>/dev/tcp/" + lan.vtep("h2") + "/8079) 2>&1 || true");
        assertTrue(refused.contains("refused"), refused);

        web.publish("web", false, List.of("8080:80"), "c1", "c2");
        web.publish("here", false, List.of("published=8081,target=80,mode=host"), "c1", "c2");
        web.awaitAll("client", lan.vtep("h2"), 8080, "c1 " + CLIENT, "c2 " + CLIENT);
        web.awaitAll("client", lan.vtep("h1"), 8080, "c1 " + CLIENT, "c2 " + CLIENT);
        web.awaitAll("client", lan.vtep("h2"), 8081, "c2 " + CLIENT);
        assertTrue(lan.in("client", "ip", "neigh", "show", lan.vtep("h2")).contains(lan.in("h2", "cat", "/sys/class/net/nic0/address").strip()));
    }
}
