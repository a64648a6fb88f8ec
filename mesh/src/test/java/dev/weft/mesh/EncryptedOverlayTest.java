package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EncryptionSpec;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeBuilder;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.SaInfo;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import dev.weft.api.counter.DropReason;
import dev.weft.testing.FreePort;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes as any user may run them, encrypted: a real store, real certificates, real TLS, ESP in UDP on loopback addresses. */
class EncryptedOverlayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    private Path directory;
    private ControlPorts ports;
    private int dataPathPort;
    private int espPort;
    private OverlayNode one;
    private OverlayNode two;
    private OverlayNode three;

    private void start(EncryptionSpec spec) {
        ports = FreePort.control();
        dataPathPort = FreePort.udp();
        espPort = FreePort.udp();
        one = node("one", 2, spec).init();
        two = node("two", 3, spec).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
    }

    private NodeBuilder node(String name, int number, EncryptionSpec spec) {
        return OverlayNode.builder().name(name).dataDirectory(directory.resolve(name)).advertise("127.0.0." + number)
                .ports(ports).dataPathPort(dataPathPort).dataPath(DataPathKind.SOCKET).encryption(spec.udpPort(espPort));
    }

    @AfterEach
    void closeNodes() {
        Stream.of(three, two, one).filter(Objects::nonNull).forEach(OverlayNode::close);
    }

    private Endpoint attach(OverlayNode node, String name) {
        return node.network("red").attach(EndpointSpec.inProcess(name).build());
    }

    private static void assertCrosses(OverlayDatagramChannel from, OverlayDatagramChannel to, Endpoint target, String text)
            throws InterruptedException {
        from.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), new InetSocketAddress(target.info().addresses().getFirst(), 9000));
        ByteBuffer received = ByteBuffer.allocate(100);
        assertNotNull(to.receive(received, PATIENCE), text);
        assertEquals(text, new String(received.array(), 0, received.position(), StandardCharsets.UTF_8));
    }

    private static Set<Integer> outbound(OverlayNode node) {
        return node.keys().stream().filter(SaInfo::outbound).map(SaInfo::spi).collect(Collectors.toSet());
    }

    @Test
    void shouldEncryptFromTheFirstPacketAndListKeysAndRotateThem() throws Exception {
        start(EncryptionSpec.DEFAULT.keyLog(directory.resolve("esp_sa")));
        OverlayNetwork red = one.createNetwork(NetworkSpec.named("red").encrypted(Cipher.AES_256_GCM).build());
        Endpoint a = attach(one, "a");
        Endpoint b = attach(two, "b");
        try (OverlayDatagramChannel onA = a.openDatagramChannel(0); OverlayDatagramChannel onB = b.openDatagramChannel(9000)) {
            assertCrosses(onA, onB, b, "the first one");
            assertEquals(0, one.counters().dropped(DropReason.NO_SA), "attach waited for keys");
            List<SaInfo> keys = one.keys();
            assertEquals(List.of("two"), keys.stream().map(SaInfo::peer).distinct().toList());
            assertTrue(keys.stream().anyMatch(sa -> sa.outbound() && sa.packets() > 0 && sa.cipher() == Cipher.AES_256_GCM), keys.toString());
            Set<Integer> before = outbound(one);
            red.rotateKeys();
            Await.until("other keys both ways", () -> outbound(one).stream().noneMatch(before::contains));
            assertCrosses(onA, onB, b, "with another key");
            assertEquals(0, one.counters().dropped(DropReason.NO_SA) + two.counters().dropped(DropReason.UNKNOWN_SPI));
        }
        Path log = directory.resolve("esp_sa");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(log)));
        assertTrue(Files.readAllLines(log).stream().anyMatch(line -> line.startsWith("\"IPv4\",\"127.0.0.2\",\"127.0.0.3\",\"0x")),
                "a line of esp_sa");
    }

    @Test
    void shouldReplaceTheKeysOfAllPairsOfOneNetworkWhenAManagerIsAsked() {
        start(EncryptionSpec.DEFAULT);
        three = node("three", 4, EncryptionSpec.DEFAULT).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
        List<OverlayNode> nodes = List.of(one, two, three);
        OverlayNetwork red = one.createNetwork(NetworkSpec.named("red").encrypted(Cipher.AES_256_GCM).build());
        one.createNetwork(NetworkSpec.named("green").encrypted(Cipher.AES_128_GCM).build());
        nodes.forEach(node -> node.network("red").attach(EndpointSpec.inProcess("r-" + node.info().name()).build()));
        nodes.forEach(node -> node.network("green").attach(EndpointSpec.inProcess("g-" + node.info().name()).build()));
        Await.until("keys for each pair, direction and cipher", () -> pairs(Cipher.AES_256_GCM).size() == 6 && pairs(Cipher.AES_128_GCM).size() == 6);
        Set<String> before = pairs(Cipher.AES_256_GCM);
        Set<String> others = pairs(Cipher.AES_128_GCM);
        red.grow(SubnetSpec.of("10.9.0.0/24"));
        assertThrows(WeftException.ManagerRequired.class, () -> three.network("red").rotateKeys());
        assertEquals(before, pairs(Cipher.AES_256_GCM));
        red.rotateKeys();
        Await.until("other keys for each pair and direction", () -> {
            Set<String> now = pairs(Cipher.AES_256_GCM);
            return now.size() == 6 && now.stream().noneMatch(before::contains);
        });
        assertEquals(others, pairs(Cipher.AES_128_GCM));
        assertEquals(0, nodes.stream().mapToLong(node -> node.counters().dropped(DropReason.NO_SA)).sum());
    }

    /** What each node seals with for each other one. */
    private Set<String> pairs(Cipher cipher) {
        return Stream.of(one, two, three).flatMap(node -> node.keys().stream().filter(sa -> sa.outbound() && sa.cipher() == cipher)
                .map(sa -> node.info().name() + " to " + sa.peer() + ": " + sa.spi())).collect(Collectors.toSet());
    }

    @Test
    void shouldComeBackWithOtherKeysWhenANodeStartsAgain() throws Exception {
        start(EncryptionSpec.DEFAULT);
        one.createNetwork(NetworkSpec.named("red").encrypted(Cipher.AES_128_GCM).build());
        Endpoint a = attach(one, "a");
        attach(two, "b");
        Set<Integer> before = outbound(one);
        two.close();
        two = node("two", 3, EncryptionSpec.DEFAULT).join("127.0.0.2:" + ports.management(), one.token(NodeRole.WORKER));
        Endpoint b = attach(two, "b");
        Await.until("other keys", () -> !outbound(one).isEmpty() && outbound(one).stream().noneMatch(before::contains));
        try (OverlayDatagramChannel onA = a.openDatagramChannel(0); OverlayDatagramChannel onB = b.openDatagramChannel(9000)) {
            assertCrosses(onA, onB, b, "again");
        }
    }

    @Test
    void shouldSendNothingWhenTheKeysAreOverAndNobodyAnswers() throws Exception {
        start(EncryptionSpec.DEFAULT.rekey(Duration.ofSeconds(10), 1L << 40, 1L << 34));
        one.createNetwork(NetworkSpec.named("red").encrypted(Cipher.AES_128_GCM).build());
        Endpoint a = attach(one, "a");
        Endpoint b = attach(two, "b");
        Await.until("keys both ways", () -> !outbound(one).isEmpty() && !outbound(two).isEmpty());
        try (OverlayDatagramChannel onA = a.openDatagramChannel(0); OverlayDatagramChannel onB = b.openDatagramChannel(9000)) {
            assertCrosses(onA, onB, b, "before");
            ((WeftNode) one).keyDaemon().orElseThrow().close();
            // they live for twice the ten seconds after which they are replaced, so for another ten at least
            assertCrosses(onA, onB, b, "the life of the keys is not over");
            Await.until("the keys are gone", () -> outbound(one).isEmpty());
            InetSocketAddress toB = new InetSocketAddress(b.info().addresses().getFirst(), 9000);
            Await.until("dropped", () -> {
                onA.send(ByteBuffer.wrap("never".getBytes(StandardCharsets.UTF_8)), toB);
                return one.counters().dropped(DropReason.NO_SA) > 0;
            });
            while (onB.receive(ByteBuffer.allocate(100), SHORT) != null) {
                continue; // sealed before the data path let go of the keys, a moment after their life was over
            }
            onA.send(ByteBuffer.wrap("never".getBytes(StandardCharsets.UTF_8)), toB);
            assertNull(onB.receive(ByteBuffer.allocate(100), SHORT));
        }
    }
}
