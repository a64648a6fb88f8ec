package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.ControlPorts;
import dev.weft.api.NodeRole;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Pem;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TestAuthority;
import dev.weft.mesh.pki.TrustBundle;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
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

/** Who comes to the ports of a running manager with a certificate that does not count there. */
class RefusedCertificatesTest {

    private static final int PATIENCE_MS = 60_000;

    @TempDir
    private Path directory;
    private RefusingManager manager;
    private ControlPorts ports;
    private TestAuthority strangers;

    @BeforeEach
    void startManager() {
        manager = new RefusingManager(directory);
        ports = manager.ports;
        strangers = new TestAuthority(directory.resolve("strangers"));
    }

    @AfterEach
    void closeManager() {
        manager.close();
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
        manager.awaitRefused("store", "unknown-authority", 2);
        manager.awaitRefused("management", "unknown-authority", 2);
        manager.awaitRefused("quorum", "unknown-authority", 4);
        assertEquals(List.of(2L, 2L, 4L), Stream.of("management", "store", "quorum").map(manager::refused).toList());
        manager.assertServes("blue");
    }

    @Test
    void shouldRefuseCertificatesOfTheRightCaThatAreExpiredOrOfNoMemberOrOfAWorker() throws Exception {
        CertificateAuthority authority = authorityOfTheCluster();
        String cluster = clusterOf(authority);
        SSLContext expired = client(issued(authority, cluster, NodeRole.MANAGER, Instant.now().minus(Duration.ofDays(100))));
        assertTurnedAway(ports.store(), expired);
        assertTurnedAway(ports.management(), expired);
        assertTurnedAway(ports.election(), expired);
        manager.awaitRefused("store", "expired", 1);
        manager.awaitRefused("management", "expired", 1);
        manager.awaitRefused("quorum", "expired", 1);

        assertTurnedAway(ports.store(), client(issued(authority, cluster, NodeRole.MANAGER, Instant.now())));
        manager.awaitRefused("store", "revoked", 1);
        assertTurnedAway(ports.election(), client(issued(authority, cluster, NodeRole.MANAGER, Instant.now())));
        manager.awaitRefused("quorum", "revoked", 1);
        assertTurnedAway(ports.election(), client(issued(authority, cluster, NodeRole.WORKER, Instant.now())));
        manager.awaitRefused("quorum", "wrong-role", 1);
        assertEquals(List.of(1L, 2L, 3L), Stream.of("management", "store", "quorum").map(manager::refused).toList());
        manager.assertServes("blue");
    }

    /** In a session that is resumed no certificate is shown any more. */
    @Test
    void shouldRefuseAManagerThatWasRemovedEvenWhenItResumesItsSession() throws Exception {
        CertificateAuthority authority = authorityOfTheCluster();
        Membership members = new Registries(manager.link.store(), new Random(1)).membership();
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
        manager.awaitRefused("quorum", "revoked", 2);
        manager.assertServes("blue");
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
        CertificateRegistry.State state = new CertificateRegistry(manager.link.store(), new SecureRandom()).state(seal);
        X509Certificate certificate = Pem.certificates(state.authority().signing()).getFirst();
        return new CertificateAuthority(certificate, Pem.privateKey(state.secrets().authorityKeys().get(CertificateAuthority.digest(certificate))));
    }
}
