package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.ffm.libc.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A socket path and, over a veth, a {@code vxlan} device made by hand: it sends whole super-frames. */
@Tag("privileged")
class SocketToKernelVxlanTest {

    private static final int MEGABYTES = 20;
    private static final EndpointId HERE = new EndpointId(256, "here");
    private static final EndpointId THERE = new EndpointId(256, "there");

    private final String prefix = "wp-" + ProcessHandle.current().pid();
    private final String node = prefix + "a";
    private final String kernel = prefix + "b";
    private final String container = prefix + "c";
    private DataPath path;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        for (String name : List.of(node, kernel, container)) {
            NetworkNamespace.create(name).close();
        }
        ip("link add wpv0 netns " + node + " type veth peer name wpv1 netns " + kernel);
        ip("-n " + node + " address add 192.168.77.1/24 dev wpv0");
        ip("-n " + node + " link set wpv0 up");
        ip("-n " + kernel + " address add 192.168.77.2/24 dev wpv1");
        ip("-n " + kernel + " link set wpv1 up");
        ip("-n " + node + " address add fd77::1/64 dev wpv0 nodad");
        ip("-n " + kernel + " address add fd77::2/64 dev wpv1 nodad");
    }

    private void start(String here, String there, int mtu) throws IOException, InterruptedException {
        ip("-n " + kernel + " link add vx type vxlan id 256 remote " + here + " local " + there + " dstport 4789");
        ip("-n " + kernel + " link set vx address 02:57:00:00:00:02 mtu " + mtu + " up");
        ip("-n " + kernel + " address add 10.9.0.3/24 dev vx");
        ip("-n " + kernel + " address add fd09::3/64 dev vx nodad");
        path = new SocketDataPathProvider().open(new DataPathConfig("node", InetAddress.ofLiteral(here), 4789, Optional.empty(),
                Optional.of("/run/netns/" + node), PipelineSpec.DEFAULT));
        assertEquals(Map.of(), path.apply(state(InetAddress.ofLiteral(there), mtu)));
    }

    private static void ip(String command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(("ip " + command).split(" ")).inheritIO().start().waitFor(), command);
    }

    private DataPathState state(InetAddress vtep, int mtu) {
        return new DataPathState(1, List.of(new NetworkState("blue", 256, mtu, NetworkState.gatewayMacOf(256),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1")),
                        new SubnetState(Cidr.parse("fd09::/64"), InetAddress.ofLiteral("fd09::1"))),
                List.of(new LocalEndpoint(HERE, MacAddress.parse("02:57:00:00:00:01"), addresses("10.9.0.2", "fd09::2"),
                        new Attachment.NetworkNamespace(container, "weft0"))),
                List.of(new RemoteEndpoint(THERE, MacAddress.parse("02:57:00:00:00:02"), addresses("10.9.0.3", "fd09::3"), vtep)), List.of())));
    }

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
    }

    @AfterEach
    void close() {
        if (path != null) {
            path.close();
        }
        for (String name : List.of(node, kernel, container)) {
            NetworkNamespace.delete(name);
        }
    }

    @Test
    void shouldCarryTcpOverIpv4BothWaysAtOnceUnharmed() throws Exception {
        start("192.168.77.1", "192.168.77.2", 1450);
        assertTransfers();
    }

    @Test
    void shouldCarryTcpOverIpv6BothWaysAtOnceUnharmed() throws Exception {
        start("fd77::1", "fd77::2", 1430);
        assertTransfers();
    }

    private void assertTransfers() throws Exception {
        assertTransfer("10.9.0.3");
        assertTransfer("fd09::3");
        assertEquals(0, path.counters().dropped(DropReason.TRUNCATED));
        assertTrue(path.counters().value("uplink", "rx-packets") > 2L * MEGABYTES * 700, () -> path.counters().toString());
    }

    private void assertTransfer(String address) throws Exception {
        try (NetworkNamespace here = NetworkNamespace.open(container);
                NetworkNamespace there = NetworkNamespace.open(kernel);
                ServerSocket server = there.call(() -> new ServerSocket(0, 1, InetAddress.ofLiteral(address)));
                Socket client = here.call(() -> new Socket(InetAddress.ofLiteral(address), server.getLocalPort()))) {
            try (Socket accepted = server.accept(); ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
                accepted.setSoTimeout(60_000);
                client.setSoTimeout(60_000);
                Future<byte[]> sentThere = tasks.submit(() -> send(client, 1));
                Future<byte[]> sentHere = tasks.submit(() -> send(accepted, 2));
                Future<byte[]> receivedThere = tasks.submit(() -> receive(accepted));
                byte[] receivedHere = receive(client);
                assertArrayEquals(sentHere.get(), receivedHere);
                assertArrayEquals(sentThere.get(), receivedThere.get());
            }
        }
    }

    /** @return the digest of what was sent */
    private static byte[] send(Socket socket, long seed) {
        try {
            OutputStream out = socket.getOutputStream();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Random random = new Random(seed);
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < MEGABYTES; i++) {
                random.nextBytes(block);
                digest.update(block);
                out.write(block);
            }
            socket.shutdownOutput();
            return digest.digest();
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] receive(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[1 << 16];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                digest.update(block, 0, length);
            }
            return digest.digest();
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
