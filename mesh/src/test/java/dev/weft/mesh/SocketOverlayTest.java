package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeBuilder;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.Service;
import dev.weft.api.ServiceSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.testing.FreePort;
import dev.weft.testing.Packet;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes as any user may run them: a real ZooKeeper, real UDP sockets on loopback addresses, in-process endpoints. */
class SocketOverlayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    private Path directory;
    private ControlPorts ports;
    private int dataPathPort;
    private OverlayNode one;
    private OverlayNode two;

    @BeforeEach
    void startNodes() {
        ports = FreePort.control();
        dataPathPort = FreePort.udp();
        one = node("one", 2).init();
        two = node("two", 3).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
    }

    @AfterEach
    void closeNodes() {
        two.close();
        one.close();
    }

    private NodeBuilder node(String name, int number) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0." + number)
                .ports(ports).dataPathPort(dataPathPort).dataPath(DataPathKind.SOCKET);
    }

    private static Endpoint attach(OverlayNode node, String network, String name, String... addresses) {
        EndpointSpec.Builder spec = EndpointSpec.inProcess(name);
        for (String address : addresses) {
            spec.address(address);
        }
        return node.network(network).attach(spec.build());
    }

    private static void send(OverlayDatagramChannel channel, String text, String address, int port) {
        channel.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), new InetSocketAddress(address, port));
    }

    /** Sends until an answer comes: the other node may not have heard of the endpoint yet, and datagrams may be lost. */
    private static InetSocketAddress ask(OverlayDatagramChannel client, String text, String address, int port) throws InterruptedException {
        ByteBuffer answer = ByteBuffer.allocate(2000);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            send(client, text, address, port);
            InetSocketAddress from = client.receive(answer.clear(), SHORT);
            // Not an answer to an earlier question, which was late.
            if (from != null && StandardCharsets.UTF_8.decode(answer.flip()).toString().equals(text)) {
                return from;
            }
        }
        throw new AssertionError("no answer from " + address);
    }

    /** Sends back what comes, until its channel is closed. */
    private static Thread echo(OverlayDatagramChannel channel) {
        return Thread.startVirtualThread(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(2000);
            try {
                while (true) {
                    InetSocketAddress from = channel.receive(buffer.clear(), PATIENCE);
                    if (from != null) {
                        channel.send(buffer.flip(), from);
                    }
                }
            } catch (InterruptedException | WeftException.NodeClosed e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void shouldReachEndpointsWhereTheNetworkHasGrown() throws Exception {
        one.createNetwork(NetworkSpec.named("small").subnet("10.40.0.0/30").build());
        Endpoint first = attach(one, "small", "first");
        WeftException full = assertThrows(WeftException.PoolExhausted.class, () -> attach(two, "small", "second"));
        assertTrue(full.getMessage().contains("10.40.0.0/30"), full.getMessage());

        assertEquals(2, one.network("small").grow(SubnetSpec.of("10.50.0.0/30")).subnets().size());

        Endpoint second = attach(two, "small", "second");
        assertEquals("10.50.0.2", second.info().addresses().getFirst().getHostAddress());
        try (OverlayDatagramChannel client = first.openDatagramChannel(0); OverlayDatagramChannel server = second.openDatagramChannel(9000)) {
            echo(server);
            assertEquals("10.50.0.2", ask(client, "hello", "10.50.0.2", 9000).getAddress().getHostAddress());
        }
    }

    @Test
    void shouldCarryDatagramsOfBothFamiliesBetweenTwoNodes() throws InterruptedException {
        one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").subnet("fd00:1::/64").mtu(1400).build());
        OverlayDatagramChannel client = attach(one, "blue", "a").openDatagramChannel(0);
        Thread server = echo(attach(two, "blue", "b", "10.0.1.77", "fd00:1::77").openDatagramChannel(7));

        assertEquals(new InetSocketAddress("10.0.1.77", 7), ask(client, "four", "10.0.1.77", 7));
        assertEquals(new InetSocketAddress("fd00:1::77", 7), ask(client, "six", "fd00:1::77", 7));
        server.interrupt();
    }

    @Test
    void shouldKeepNetworksWithTheSameSubnetApart() throws InterruptedException {
        for (String name : new String[] {"blue", "red"}) {
            one.createNetwork(NetworkSpec.named(name).subnet("10.0.1.0/24").build());
        }
        OverlayDatagramChannel blue = attach(one, "blue", "a").openDatagramChannel(0);
        Thread server = echo(attach(two, "blue", "b", "10.0.1.77").openDatagramChannel(7));
        OverlayDatagramChannel red = attach(two, "red", "b", "10.0.1.77").openDatagramChannel(7);

        assertNotNull(ask(blue, "hello", "10.0.1.77", 7));
        ByteBuffer nothing = ByteBuffer.allocate(100);
        assertNull(red.receive(nothing, SHORT));
        assertArrayEquals(new byte[100], nothing.array());
        server.interrupt();
    }

    @Test
    void shouldServeAVipFromItsBackendsAndNoLongerFromOneThatIsGone() throws InterruptedException {
        OverlayNetwork network = one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        Endpoint first = attach(two, "blue", "w1");
        Thread server = echo(first.openDatagramChannel(7));
        Service web = network.publish(ServiceSpec.vip("web", "w1", "w2"));
        String vip = web.info().vips().getFirst().getHostAddress();
        Endpoint client = attach(one, "blue", "client");

        assertEquals(new InetSocketAddress(vip, 7), ask(client.openDatagramChannel(0), "hello", vip, 7), "the answer comes from the VIP");

        server.interrupt();
        first.close();
        Thread second = echo(attach(two, "blue", "w2").openDatagramChannel(7));
        assertEquals(new InetSocketAddress(vip, 7), ask(client.openDatagramChannel(0), "again", vip, 7));
        second.interrupt();
    }

    @Test
    void shouldGoOnWithoutTheStore() throws InterruptedException {
        one.createNetwork(NetworkSpec.named("blue").subnet("10.0.1.0/24").build());
        OverlayNode three = node("three", 4).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
        try (three) {
            OverlayDatagramChannel client = attach(three, "blue", "a").openDatagramChannel(0);
            Thread server = echo(attach(two, "blue", "b", "10.0.1.77").openDatagramChannel(7));
            assertNotNull(ask(client, "before", "10.0.1.77", 7));
            one.close();
            Await.until("the store is away", () -> !three.info().live() && !two.info().live());
            assertNotNull(ask(client, "after", "10.0.1.77", 7));
            server.interrupt();
        }
    }

    @Test
    void shouldKeepFramesAndDatagramsOfAnEndpointApart() {
        one.createNetwork(NetworkSpec.named("blue").build());
        Endpoint datagrams = attach(one, "blue", "datagrams");
        datagrams.openDatagramChannel(7);
        assertThrows(WeftException.PortInUse.class, () -> datagrams.openDatagramChannel(7));
        assertThrows(WeftException.InvalidSpec.class, () -> datagrams.openDatagramChannel(65536));
        assertThrows(WeftException.InvalidSpec.class, datagrams::frames);
        Endpoint frames = attach(one, "blue", "frames");
        frames.frames();
        assertThrows(WeftException.InvalidSpec.class, () -> frames.openDatagramChannel(7));
        frames.close();
        assertThrows(WeftException.NodeClosed.class, frames::frames);
    }

    @Test
    void shouldSayThatTheUdpPortIsTaken() throws SocketException {
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.9"), dataPathPort))) {
            String token = one.token(NodeRole.WORKER);
            String message = assertThrows(WeftException.PortInUse.class,
                    () -> node("nine", 9).join("127.0.0.2:" + ports.management(), token)).getMessage();
            assertTrue(message.contains(Integer.toString(other.getLocalPort())), message);
        }
        assertEquals(2, one.nodes().size());
    }

    /** Literal bytes from RFC 1035, 4.1: A of "b.blue", asked at each node for an endpoint that is at the other one. */
    @Test
    void shouldAnswerForNamesAtTheGatewayOfEachNode() throws InterruptedException {
        OverlayNetwork.create(one, NetworkSpec.named("blue").subnet("10.8.1.0/24").build());
        Endpoint a = attach(one, "blue", "a", "10.8.1.2");
        Endpoint b = attach(two, "blue", "b", "10.8.1.3");
        Await.until("node one knows of b", () -> !one.network("blue").resolve("b").isEmpty());
        byte[] question = Packet.bytes("beef 0100 0001 0000 0000 0000", "01 62 04 626c7565 00 0001 0001");
        byte[] answer = Packet.bytes("beef 8580 0001 0001 0000 0000", "01 62 04 626c7565 00 0001 0001", "c00c 0001 0001 00000000 0004 0a080103");
        for (Endpoint asker : new Endpoint[] {a, b}) {
            try (OverlayDatagramChannel channel = asker.openDatagramChannel(0)) {
                ByteBuffer received = ByteBuffer.allocate(512);
                InetSocketAddress gateway = new InetSocketAddress("10.8.1.1", 53);
                Await.until("an answer", () -> {
                    channel.send(ByteBuffer.wrap(question), gateway);
                    return gateway.equals(receive(channel, received.clear()));
                });
                byte[] bytes = new byte[received.flip().remaining()];
                received.get(bytes);
                assertArrayEquals(answer, bytes);
            }
        }
    }

    private static InetSocketAddress receive(OverlayDatagramChannel channel, ByteBuffer into) {
        try {
            return channel.receive(into, SHORT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
