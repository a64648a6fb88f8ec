package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.testing.FreePort;
import dev.weft.testing.Pings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two namespaces with a tap each, on two socket paths. */
@Tag("privileged")
class SocketTapsTest {

    private static final int MTU = 1450;
    private static final List<String> ADDRESSES = List.of("10.9.0.2", "10.9.0.3");
    private static final List<String> IPV6_ADDRESSES = List.of("fd09::2", "fd09::3");
    private static final List<InetAddress> VTEPS = List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.3"));

    private final String prefix = "wp-" + ProcessHandle.current().pid() + "-";
    private final DataPath[] paths = new DataPath[2];

    @BeforeEach
    void open() throws IOException {
        int port = FreePort.udp();
        for (int i = 0; i < 2; i++) {
            NetworkNamespace.create(prefix + i).close();
            paths[i] = new SocketDataPathProvider().open(new DataPathConfig("node" + i, VTEPS.get(i), port, Optional.empty(),
                    Optional.empty(), PipelineSpec.DEFAULT));
        }
    }

    @AfterEach
    void close() {
        for (int i = 0; i < 2; i++) {
            paths[i].close();
            NetworkNamespace.delete(prefix + i);
        }
    }

    private static MacAddress mac(int i) {
        return new MacAddress(0x0257_0000_0001L + i);
    }

    private static List<InetAddress> addresses(int i) {
        return List.of(InetAddress.ofLiteral(ADDRESSES.get(i)), InetAddress.ofLiteral(IPV6_ADDRESSES.get(i)));
    }

    private static EndpointId id(int i) {
        return new EndpointId(256, "c" + i);
    }

    private DataPathState state(long epoch, int node) {
        int other = 1 - node;
        LocalEndpoint local = new LocalEndpoint(id(node), mac(node), addresses(node), new Attachment.NetworkNamespace(prefix + node, "weft0"));
        return new DataPathState(epoch, List.of(new NetworkState("blue", 256, MTU, NetworkState.gatewayMacOf(256),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1")),
                        new SubnetState(Cidr.parse("fd09::/64"), InetAddress.ofLiteral("fd09::1"))),
                List.of(local), List.of(new RemoteEndpoint(id(other), mac(other), addresses(other), VTEPS.get(other))), List.of())));
    }

    private void applyBoth(long epoch) {
        assertEquals(Map.of(), paths[0].apply(state(epoch, 0)));
        assertEquals(Map.of(), paths[1].apply(state(epoch, 1)));
    }

    private String run(int namespace, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip netns exec " + prefix + namespace + " " + command).split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private void assertPings(String to, int count, int bytes) {
        try {
            Pings.assertNoneLost(prefix + 0, to, count, 0.002, new byte[bytes]);
        } catch (AssertionError lost) {
            throw new AssertionError("" + paths[0].counters() + paths[1].counters(), lost);
        }
    }

    @Test
    void shouldCarryPingsOfBothFamiliesAndTheLargestPackets() throws IOException, InterruptedException {
        applyBoth(1);
        assertPings("10.9.0.3", 1000, 56);
        assertPings("fd09::3", 1000, 56);
        assertPings("10.9.0.3", 10, MTU - 28);
        assertPings("fd09::3", 10, MTU - 48);
        assertPings("10.9.0.1", 10, 56);
        assertPings("fd09::1", 10, 56);
    }

    @Test
    void shouldLeaveInterfacesAloneThatStayAndRemoveThoseThatGo() throws IOException, InterruptedException {
        applyBoth(1);
        String before = run(0, "cat /sys/class/net/weft0/ifindex");
        applyBoth(2);
        assertEquals(before, run(0, "cat /sys/class/net/weft0/ifindex"));
        paths[0].apply(DataPathState.EMPTY);
        assertTrue(run(0, "ip link show weft0").contains("does not exist"));
    }

    @Test
    void shouldMakeAnInterfaceAgainThatSomebodyRemoved() throws IOException, InterruptedException {
        applyBoth(1);
        assertEquals("", run(0, "ip link delete weft0"));
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!run(0, "ip link show weft0").contains("02:57:00:00:00:01")) {
            assertTrue(System.nanoTime() - deadline < 0, "not made again");
            applyBoth(2);
        }
        assertPings("10.9.0.3", 10, 56);
    }

    @Test
    void shouldReportAnInterfaceNameThatIsTakenAndTakeItWhenItIsFree() throws IOException, InterruptedException {
        assertEquals("", run(0, "ip link add weft0 type bridge"));
        assertInstanceOf(WeftException.NameTaken.class, paths[0].apply(state(1, 0)).get(id(0)));
        assertEquals("", run(0, "ip link delete weft0"));
        applyBoth(2);
        assertPings("10.9.0.3", 10, 56);
    }

    @Test
    void shouldRemoveInterfacesOnClose() throws IOException, InterruptedException {
        applyBoth(1);
        paths[0].close();
        assertTrue(run(0, "ip link show weft0").contains("does not exist"));
    }
}
