package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.NodeSpec;
import dev.weft.api.OverlayNode;
import dev.weft.api.counter.Counter;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.path.RecordingDataPath;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.pki.TrustBundle;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes to the ports of a running manager and has no business there: through the JDK's TLS, openssl and plain sockets. */
class RefusedConnectionsTest {

    private static final byte[] GARBAGE = new byte[400];
    private static final int PATIENCE_MS = 15_000;

    static {
        new Random(1).nextBytes(GARBAGE);
    }

    @TempDir
    private Path directory;
    private final ControlPorts ports = FreePort.control();
    private ClusterLink link;
    private WeftNode manager;
    private TestAuthority strangers;

    @BeforeEach
    void startManager() {
        NodeSpec spec = OverlayNode.builder().name("one").dataDirectory(directory.resolve("one")).advertise("127.0.0.1").ports(ports)
                .dataPath(DataPathKind.SOCKET).build();
        link = ClusterLink.init(spec);
        manager = NodeStart.start(spec, link, List.of(new RecordingDataPath(DataPathKind.SOCKET)));
        strangers = new TestAuthority(directory.resolve("strangers"));
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    private long refused(String port, String reason) {
        return manager.counters().value("port:" + port, "refused:" + reason);
    }

    /** For whatever reason. */
    private long refused(String port) {
        return manager.counters().counters().stream().filter(each -> each.scope().equals("port:" + port) && each.name().startsWith("refused:"))
                .mapToLong(Counter::value).sum();
    }

    private void awaitRefused(String port, String reason, long count) {
        Await.until(port + " " + reason + " " + count + " of " + manager.counters().counters().stream().filter(each -> each.value() > 0).toList(),
                () -> refused(port, reason) >= count);
    }

    /** The manager still does its work. */
    private void assertServes(String network) {
        manager.createNetwork(NetworkSpec.named(network).build());
        assertTrue(manager.token(NodeRole.WORKER).startsWith("WEFT2-"));
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
        String log = logOf(() -> {
            for (int round = 0; round < 3; round++) {
                for (int port : List.of(ports.management(), ports.store(), ports.quorum(), ports.election(), ports.node())) {
                    for (byte[] bytes : List.of(http, GARBAGE, record)) {
                        int first = answerTo(port, bytes);
                        assertTrue(first == -1 || first == 21, "nothing but a TLS alert: " + first);
                    }
                }
            }
            for (String port : List.of("management", "store", "node")) {
                awaitRefused(port, "not-tls", 9);
            }
            awaitRefused("quorum", "not-tls", 18);
        });
        assertEquals(List.of(9L, 9L, 18L, 9L), Stream.of("management", "store", "quorum", "node").map(this::refused).toList());
        assertEquals(List.of("management", "node", "quorum", "store"), log.lines().filter(line -> line.contains("refused 127.0.0.1"))
                .map(line -> line.replaceAll(".* - ([a-z]+) port: refused .*", "$1")).sorted().toList(), log);
        assertFalse(log.contains("org.apache.zookeeper"), log);
        assertServes("blue");
    }

    private interface Attack {
        void run() throws IOException;
    }

    /** What is logged meanwhile. */
    private static String logOf(Attack attack) throws IOException {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            attack.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String openssl(int port, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("timeout", "10", "openssl", "s_client", "-connect", "127.0.0.1:" + port));
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
        awaitRefused("management", "tls-version", 2);
        awaitRefused("store", "tls-version", 2);
        awaitRefused("store", "no-certificate", 1);
        awaitRefused("quorum", "tls-version", 4);
        awaitRefused("quorum", "no-certificate", 2);
        awaitRefused("management", "silent", 1); // let in without a certificate, and says nothing
        assertEquals(List.of(3L, 3L, 6L), Stream.of("management", "store", "quorum").map(this::refused).toList());
        assertServes("blue");
    }

    /** A handshake as a client, and one byte: with TLS 1.3 the server's refusal comes after the client is done. */
    private void assertTurnedAway(int port, SSLContext context) {
        assertThrows(IOException.class, () -> {
            try (SSLSocket socket = connected(port, context)) {
                socket.startHandshake();
                if (socket.getInputStream().read() < 0) {
                    throw new IOException("closed");
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError("port " + port + " keeps a stranger", e);
            }
        }, "port " + port);
    }

    private static SSLSocket connected(int port, SSLContext context) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(new Socket("127.0.0.1", port), "127.0.0.1", port, true);
        socket.setSSLParameters(new SSLParameters(NodeCredentials.cipherSuites(), new String[] {NodeCredentials.PROTOCOL}));
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    /** Trusts any server: it is the server's trust that is tested. */
    private static SSLContext client(KeyMaterial material) throws Exception {
        NodeCredentials credentials = new NodeCredentials(material, InstantSource.system(), new Refusals(InstantSource.system()));
        SSLContext context = SSLContext.getInstance(NodeCredentials.PROTOCOL);
        context.init(new KeyManager[] {credentials.keyManager()}, new TrustManager[] {new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType) {
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType) {
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        }}, null);
        return context;
    }

    @Test
    void shouldRefuseACertificateOfAnotherCa() throws Exception {
        SSLContext stranger = client(strangers.material(TestAuthority.id(7), NodeRole.MANAGER));
        for (int i = 0; i < 2; i++) {
            assertTurnedAway(ports.store(), stranger);
            assertTurnedAway(ports.management(), stranger);
            assertTurnedAway(ports.election(), stranger);
            assertTurnedAway(ports.quorum(), stranger);
        }
        awaitRefused("store", "unknown-authority", 2);
        awaitRefused("management", "unknown-authority", 2);
        awaitRefused("quorum", "unknown-authority", 4);
        assertEquals(List.of(2L, 2L, 4L), Stream.of("management", "store", "quorum").map(this::refused).toList());
        assertServes("blue");
    }

    @Test
    void shouldRefuseCertificatesOfTheRightCaThatAreExpiredOrOfNoMemberOrOfAWorker() throws Exception {
        CertificateAuthority authority = authorityOfTheCluster();
        String cluster = clusterOf(authority);
        SSLContext expired = client(issued(authority, cluster, NodeRole.MANAGER, Instant.now().minus(Duration.ofDays(100))));
        assertTurnedAway(ports.store(), expired);
        assertTurnedAway(ports.management(), expired);
        assertTurnedAway(ports.election(), expired);
        awaitRefused("store", "expired", 1);
        awaitRefused("management", "expired", 1);
        awaitRefused("quorum", "expired", 1);

        assertTurnedAway(ports.store(), client(issued(authority, cluster, NodeRole.MANAGER, Instant.now())));
        awaitRefused("store", "revoked", 1);
        assertTurnedAway(ports.election(), client(issued(authority, cluster, NodeRole.MANAGER, Instant.now())));
        awaitRefused("quorum", "revoked", 1);
        assertTurnedAway(ports.election(), client(issued(authority, cluster, NodeRole.WORKER, Instant.now())));
        awaitRefused("quorum", "wrong-role", 1);
        assertEquals(List.of(1L, 2L, 3L), Stream.of("management", "store", "quorum").map(this::refused).toList());
        assertServes("blue");
    }

    /** In a session that is resumed no certificate is shown any more. */
    @Test
    void shouldRefuseAManagerThatWasRemovedEvenWhenItResumesItsSession() throws Exception {
        CertificateAuthority authority = authorityOfTheCluster();
        Membership members = new Registries(link.store(), new Random(1)).membership();
        members.admit(new MemberRecord(TestAuthority.id(77), "seventy-seven", NodeRole.MANAGER));
        SSLContext member = client(issued(authority, clusterOf(authority), NodeRole.MANAGER, Instant.now()));
        for (int port : List.of(ports.election(), ports.quorum())) {
            try (SSLSocket socket = connected(port, member)) {
                socket.startHandshake();
                socket.setSoTimeout(500);
                assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read(), "it is let in, and has a ticket for the next time");
            }
        }
        members.forget(TestAuthority.id(77), "seventy-seven");
        for (int port : List.of(ports.election(), ports.quorum())) {
            assertTurnedAway(port, member);
        }
        awaitRefused("quorum", "revoked", 2);
        assertServes("blue");
    }

    private static String clusterOf(CertificateAuthority authority) {
        return authority.certificate().getSubjectX500Principal().getName().replaceAll(".*O=([0-9a-f]{32}).*", "$1");
    }

    private static KeyMaterial issued(CertificateAuthority authority, String cluster, NodeRole role, Instant made) {
        SecureRandom random = new SecureRandom();
        KeyPair keys = CertificateAuthority.drawKeys(random);
        X509Certificate certificate = authority.issue(keys.getPublic(), new CertificateSubject(cluster, TestAuthority.id(77), role), made,
                CertificateAuthority.NODE_VALIDITY, random);
        return new KeyMaterial(keys.getPrivate(), certificate, authority.certificate(), new TrustBundle(List.of(authority.certificate())));
    }

    /** As a manager gets it: from the store, by the seal in its data directory. */
    private CertificateAuthority authorityOfTheCluster() throws Exception {
        Seal seal = new Seal(Files.readString(directory.resolve("one/seal")).strip());
        CertificateRegistry.State state = new CertificateRegistry(link.store(), new SecureRandom()).state(seal);
        X509Certificate certificate = Pem.certificates(state.authority().signing()).getFirst();
        return new CertificateAuthority(certificate, Pem.privateKey(state.secrets().authorityKeys().get(CertificateAuthority.digest(certificate))));
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
        try (WeftNode second = NodeStart.start(spec, ClusterLink.join(spec, "127.0.0.1:" + ports.management(), manager.token(NodeRole.MANAGER)),
                List.of(new RecordingDataPath(DataPathKind.SOCKET)))) {
            assertTrue(second.info().live());
            for (Socket socket : silent) {
                socket.setSoTimeout(PATIENCE_MS);
                assertEquals(-1, socket.getInputStream().read(), "closed by the server in the end");
                socket.close();
            }
            awaitRefused("management", "silent", 4);
            awaitRefused("store", "silent", 4);
            awaitRefused("quorum", "silent", 8);
            assertServes("blue");
        }
    }
}
