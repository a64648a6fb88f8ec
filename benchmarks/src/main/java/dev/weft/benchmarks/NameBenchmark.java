package dev.weft.benchmarks;

import dev.weft.api.DataPathKind;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.ServiceSpec;
import dev.weft.ffm.libc.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A container asks the gateway of its network for names, so many times a second for so many seconds, and looks at every answer.
 * Needs root.
 */
final class NameBenchmark {

    private static final int DNS = 53;
    /** So that a node of this machine is not disturbed. */
    private static final int DATA_PATH_PORT = 14_789;
    /** DPDK takes no loopback interface, and nothing here leaves the node. */
    private static final String NO_WIRE = "net_null_names,no-rx=1";
    private static final int IDS = 1 << 16;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int SOCKET_BUFFER = 1 << 20;

    /** A question and the address that is the right answer to it. */
    private record Expected(byte[] question, byte[] address) {
    }

    private final int rate;
    private final int seconds;
    private final List<Expected> all;
    private final DatagramChannel socket;
    private final long[] askedAt = new long[IDS];
    private final long[] nanos;
    private volatile boolean sending = true;
    private int right;
    private int wrong;

    private NameBenchmark(int rate, int seconds, List<Expected> all, DatagramChannel socket) {
        this.rate = rate;
        this.seconds = seconds;
        this.all = all;
        this.socket = socket;
        nanos = new long[rate * seconds];
    }

    /** @param rate questions a second */
    static void run(DataPathKind kind, int rate, int seconds) throws Exception {
        String container = "weft-bench-" + ProcessHandle.current().pid();
        Path directory = Files.createTempDirectory("weft-bench");
        try (NetworkNamespace namespace = NetworkNamespace.create(container);
                OverlayNode node = OverlayNode.builder().name("bench").advertise("127.0.53.1").vtep("127.0.0.1").dataPathPort(DATA_PATH_PORT)
                        .dataDirectory(directory).dataPath(kind).uplink(kind == DataPathKind.DPDK ? NO_WIRE : null).init()) {
            OverlayNetwork network = OverlayNetwork.create(node, NetworkSpec.named("bench").subnet("10.99.0.0/24").internal(true).build());
            Endpoint endpoint = network.attach(EndpointSpec.networkNamespace("web1", container, "eth0").alias("shop").build());
            InetAddress vip = network.publish(ServiceSpec.vip("web", "web1")).info().vips().getFirst();
            byte[] own = endpoint.info().addresses().getFirst().getAddress();
            List<Expected> all = List.of(new Expected(question("web1"), own), new Expected(question("Shop.bench"), own),
                    new Expected(question("web"), vip.getAddress()), new Expected(question("tasks.web"), own));
            DatagramChannel socket = namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)
                    .setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER));
            socket.connect(new InetSocketAddress(network.info().gateways().getFirst(), DNS));
            new NameBenchmark(rate, 2, all, socket).run(); // warm-up
            System.out.println(kind + " " + new NameBenchmark(rate, seconds, all, socket).run());
            node.counters().counters().stream().filter(counter -> counter.value() > 0)
                    .forEach(counter -> System.out.println("  " + counter.scope() + " " + counter.name() + " " + counter.value()));
            endpoint.close();
        } finally {
            NetworkNamespace.delete(container);
        }
    }

    /** RFC 1035, 4.1: one question for an IPv4 address, recursion wanted; its id is set when it is sent. */
    private static byte[] question(String name) {
        ByteBuffer message = ByteBuffer.allocate(12 + name.length() + 2 + 4);
        message.putShort((short) 0).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0).putInt(0);
        for (String label : name.split("\\.")) {
            message.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return message.put((byte) 0).putShort((short) 1).putShort((short) 1).array();
    }

    private String run() throws Exception {
        Thread receiver = Thread.ofPlatform().start(this::receive);
        long start = System.nanoTime();
        ByteBuffer buffer = ByteBuffer.allocateDirect(512);
        for (int n = 0; n < nanos.length; n++) {
            long due = start + n * TimeUnit.SECONDS.toNanos(1) / rate;
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            buffer.clear().put(all.get(n % all.size()).question()).putShort(0, (short) n).flip();
            askedAt[n % IDS] = System.nanoTime();
            socket.write(buffer);
        }
        double took = (System.nanoTime() - start) / 1e9;
        sending = false;
        receiver.join();
        long[] sorted = Arrays.copyOf(nanos, right);
        Arrays.sort(sorted);
        return String.format(Locale.ROOT, "%d questions in %.2f s: %d right, %d wrong, %d lost; median %.0f us, 99 %% %.0f us, slowest %.1f ms",
                nanos.length, took, right, wrong, nanos.length - right - wrong, at(sorted, 0.5) / 1e3, at(sorted, 0.99) / 1e3, at(sorted, 1) / 1e6);
    }

    private static long at(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, part * sorted.length)];
    }

    private void receive() {
        ByteBuffer answer = ByteBuffer.allocateDirect(2048);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try {
            socket.configureBlocking(false);
            while (right + wrong < nanos.length && (sending || deadline - System.nanoTime() > 0)) {
                if (socket.read(answer.clear()) > 0) {
                    look(answer.flip());
                    deadline = System.nanoTime() + PATIENCE_NANOS;
                } else {
                    LockSupport.parkNanos(20_000);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the socket failed", e);
        }
    }

    private void look(ByteBuffer answer) {
        long now = System.nanoTime();
        int id = answer.getShort(0) & 0xffff;
        byte[] address = new byte[4];
        answer.get(answer.limit() - address.length, address);
        boolean good = (answer.getShort(2) & 0xf) == 0 && answer.getShort(6) == 1
                && all.stream().anyMatch(expected -> isAnswerTo(expected, answer) && Arrays.equals(address, expected.address()));
        if (good) {
            nanos[right++] = now - askedAt[id];
        } else {
            wrong++;
        }
    }

    /** The question is repeated as it was asked, the letters' case too. */
    private static boolean isAnswerTo(Expected expected, ByteBuffer answer) {
        int length = expected.question().length - 12;
        return answer.limit() > 12 + length
                && answer.slice(12, length).equals(ByteBuffer.wrap(expected.question(), 12, length));
    }
}
