package dev.weft.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.examples.JavaProcess;
import dev.weft.testing.Pings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two nodes in network namespaces, DPDK and SOCKET, and a container at each, in one encrypted network: all by the command line, with the
 * wire watched from outside.
 */
@Tag("privileged")
class EncryptedNodesTest {

    /** In hexadecimal, the payload of each ping. */
    private static final String MARK = "5765667457656674";
    /** 4500, as the destination of ESP in UDP. */
    private static final String ESP_PORT = "\u0011\u0094";
    /** Bytes that a capture begins with, written when it listens. */
    private static final int FILE_HEADER = 24;
    /** A rekey each 10 s, a life of 20 s. */
    private static final String[] SHORT_LIFE = {"--rekey-after", "10"};

    private Hosts hosts;
    private Nodes nodes;
    private String web3;

    @BeforeEach
    void makeHosts() throws IOException {
        hosts = new Hosts();
        nodes = new Nodes(hosts, JavaProcess.classPath());
    }

    @AfterEach
    void stop() throws IOException {
        try {
            nodes.close();
        } finally {
            hosts.close();
        }
    }

    private static String[] with(String[] more, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private void startNodes(String... options) throws IOException {
        nodes.start("a", "dpdk", "192.0.2.1", with(options, "--init"));
        nodes.start("c", "socket", "192.0.2.3", with(options, "--join", "192.0.2.1", "--token", nodes.tell("a", "token", "worker")));
        nodes.tell("a", "network", "create", "--subnet", "10.77.0.0/24", "--attachable", "--encrypted", "--cipher", "aes-256-gcm", "red");
        nodes.tell("a", "attach", "red", "web1", "--netns", hosts.name("web1"));
        web3 = nodes.tell("c", "attach", "red", "web3", "--netns", hosts.name("web3")).split(" ")[2];
    }

    private boolean pings(int count) {
        return Shell.answers(hosts.name("web1"), "ping", "-n", "-q", "-c", Integer.toString(count), "-i", "0.02", "-W", "2", "-p", MARK, web3);
    }

    /** All of the count answered, one each 20 ms. */
    private void assertNoLoss(int count) {
        Pings.assertNoneLost(hosts.name("web1"), web3, count, 0.02, HexFormat.of().parseHex(MARK.repeat(7)));
    }

    /**
     * Watches the wire between the hosts meanwhile, until enough was seen.
     *
     * @return the packets that have the mark in clear, and those that are ESP in UDP
     */
    private long[] onTheWire(long esp, Runnable traffic) throws Exception {
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        Process watch = Shell.start(hosts.name("switch"), "tcpdump", "-i", "wire", "-n", "-U", "-w", "-", "--immediate-mode");
        Thread reader = Thread.ofVirtual().start(() -> {
            try (InputStream packets = watch.getInputStream()) {
                packets.transferTo(captured);
            } catch (IOException e) {
                captured.reset(); // the count that is wanted fails then
            }
        });
        until("the capture has begun", 60, () -> captured.size() >= FILE_HEADER);
        traffic.run();
        until(esp + " packets of ESP", 60, () -> count(captured, ESP_PORT) >= esp);
        watch.destroy();
        assertTrue(watch.waitFor(60, TimeUnit.SECONDS));
        reader.join();
        return new long[] {count(captured, "WeftWeft"), count(captured, ESP_PORT)};
    }

    private static long count(ByteArrayOutputStream bytes, String what) {
        return bytes.toString(StandardCharsets.ISO_8859_1).split(what, -1).length - 1L;
    }

    private static void until(String what, int seconds, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within " + seconds + " s: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10)); // between looks
        }
    }

    @Test
    void shouldCarryNothingInClearAndListRotateAndVerifyKeys() throws Exception {
        startNodes();
        assertEquals(0, onTheWire(100, () -> assertNoLoss(50))[0], "packets in clear"); // the first ping too
        String keys = nodes.tell("a", "key", "ls");
        assertTrue(keys.lines().anyMatch(line -> line.contains(" out ") && line.contains("aes-256-gcm") && line.startsWith("c ")), keys);
        nodes.tell("a", "key", "rotate", "red");
        until("other keys", 60, () -> nodes.tell("a", "key", "ls").lines().filter(line -> line.contains(" out ")).noneMatch(keys::contains));
        assertNoLoss(50);
        for (String node : List.of("a", "c")) {
            String verified = nodes.tell(node, "verify", "red");
            assertTrue(verified.contains("clean: "), verified);
        }
    }

    @Test
    void shouldLoseNothingWhileKeysAreReplacedAndComeBackAfterAKill() throws Exception {
        startNodes(SHORT_LIFE);
        assertNoLoss(1500); // 30 s, a rekey each 10 s
        nodes.process("c").destroyForcibly().waitFor();
        assertFalse(pings(5));
        nodes.start("c", "socket", "192.0.2.3", with(SHORT_LIFE, "--join", "192.0.2.1", "--token", nodes.tell("a", "token", "worker")));
        until("it is back", 60, () -> pings(1));
        assertNoLoss(50);
    }

    @Test
    void shouldGoOnWithinTheLifeOfTheKeysAndThenStopWhenNodesCannotTalk() throws Exception {
        startNodes(SHORT_LIFE);
        assertNoLoss(5);
        Shell.in(hosts.name("a"), "nft", "table inet block { chain in { type filter hook input priority 0;"
                + " tcp dport 7946 drop; tcp sport 7946 drop; }; }");
        assertNoLoss(50);
        long[] seen = onTheWire(1, () -> until("the keys are over", 60, () -> !pings(5)));
        assertEquals(0, seen[0], "packets in clear");
        assertEquals(0, onTheWire(0, () -> assertFalse(pings(20)))[0], "packets in clear");
        Shell.in(hosts.name("a"), "nft", "delete", "table", "inet", "block");
        until("keys again", 60, () -> pings(1));
        assertNoLoss(50);
    }
}
