package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.testing.FreePort;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes to the ports of a running manager without being a node: by plain sockets, openssl, and silence. */
class RefusedConnectionsTest {

    private static final byte[] GARBAGE = new byte[400];
    private static final int PATIENCE_MS = 60_000;

    static {
        new Random(1).nextBytes(GARBAGE);
    }

    @TempDir
    private Path directory;
    private RefusingManager manager;
    private ControlPorts ports;

    @BeforeEach
    void startManager() {
        manager = new RefusingManager(directory);
        ports = manager.ports;
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    /** What the server says before it closes; nothing when it does so without a word. */
    private static int answerTo(int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MS);
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            byte[] answer = socket.getInputStream().readNBytes(5);
            return answer.length == 0 ? -1 : answer[0];
        } catch (SocketTimeoutException e) {
            throw new AssertionError("port " + port + " keeps a stranger", e);
        } catch (IOException reset) {
            return -1;
        }
    }

    @Test
    void shouldRefusePlainTcpOnEachPortAndGoOnServing() throws IOException {
        byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] record = concat(new byte[] {22, 3, 1, (byte) (GARBAGE.length >> 8), (byte) GARBAGE.length}, GARBAGE);
        String log = RefusingManager.logOf(() -> {
            for (int round = 0; round < 3; round++) {
                for (int port : List.of(ports.management(), ports.store(), ports.quorum(), ports.election(), ports.node())) {
                    for (byte[] bytes : List.of(http, GARBAGE, record)) {
                        int first = answerTo(port, bytes);
                        assertTrue(first == -1 || first == 21, "nothing but a TLS alert: " + first);
                    }
                }
            }
            for (String port : List.of("management", "store", "node")) {
                manager.awaitRefused(port, "not-tls", 9);
            }
            manager.awaitRefused("quorum", "not-tls", 18);
        });
        assertEquals(List.of(9L, 9L, 18L, 9L), Stream.of("management", "store", "quorum", "node").map(manager::refused).toList());
        assertEquals(List.of("management", "node", "quorum", "store"), log.lines().filter(line -> line.contains("refused 127.0.0.1"))
                .map(line -> line.replaceAll(".* - ([a-z]+) port: refused .*", "$1")).sorted().toList(), log);
        assertFalse(log.contains("org.apache.zookeeper"), log);
        manager.assertServes("blue");
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String openssl(int port, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("timeout", "60", "openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null")).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS));
        return output;
    }

    @Test
    void shouldSpeakTls13WithAesGcmOnlyAsOpensslSeesIt() throws Exception {
        for (int port : List.of(ports.management(), ports.store(), ports.quorum(), ports.election())) {
            String old = openssl(port, "-tls1_2");
            assertTrue(old.contains("alert protocol version") || old.contains("wrong version number") || old.contains("no protocols available"), old);
            assertTrue(openssl(port, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256").contains("alert handshake failure"));
            String now = openssl(port, "-tls1_3");
            assertTrue(now.contains("TLSv1.3") && now.contains("TLS_AES_256_GCM_SHA384"), now);
        }
        manager.awaitRefused("management", "tls-version", 2);
        manager.awaitRefused("store", "tls-version", 2);
        manager.awaitRefused("store", "no-certificate", 1);
        manager.awaitRefused("quorum", "tls-version", 4);
        manager.awaitRefused("quorum", "no-certificate", 2);
        manager.awaitRefused("management", "silent", 1); // let in without a certificate, and says nothing
        assertEquals(List.of(3L, 3L, 6L), Stream.of("management", "store", "quorum").map(manager::refused).toList());
        manager.assertServes("blue");
    }

    /** A second manager gets in beside them, by each port. */
    @Test
    void shouldNotLetSilentStrangersKeepAPort() throws Exception {
        List<Integer> all = List.of(ports.management(), ports.store(), ports.quorum(), ports.election());
        Socket[] silent = new Socket[16];
        for (int i = 0; i < silent.length; i++) {
            silent[i] = new Socket("127.0.0.1", all.get(i % all.size()));
        }
        NodeSpec spec = OverlayNode.builder().name("two").dataDirectory(directory.resolve("two")).advertise("127.0.0.1").ports(FreePort.control())
                .dataPath(DataPathKind.SOCKET).build();
        try (WeftNode second = NodeStart.start(spec, ClusterLink.join(spec, "127.0.0.1:" + ports.management(), manager.node.token(NodeRole.MANAGER)),
                List.of(new RecordingDataPath(DataPathKind.SOCKET)))) {
            assertTrue(second.info().live());
            for (Socket socket : silent) {
                socket.setSoTimeout(PATIENCE_MS);
                assertEquals(-1, socket.getInputStream().read(), "closed by the server in the end");
                socket.close();
            }
            manager.awaitRefused("management", "silent", 4);
            manager.awaitRefused("store", "silent", 4);
            manager.awaitRefused("quorum", "silent", 8);
            manager.assertServes("blue");
        }
    }
}
