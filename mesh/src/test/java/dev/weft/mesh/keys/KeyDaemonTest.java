package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.mesh.Await;
import dev.weft.mesh.BreakingRelay;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.Refusal;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real TLS on loopback between key rings whose data paths only write down. */
class KeyDaemonTest {

    private static final KeyLimits LIMITS = new KeyLimits(Duration.ofHours(12), 1L << 40, 1L << 34, Duration.ofSeconds(2));

    private final TlsWorld world = new TlsWorld(LIMITS);

    @AfterEach
    void close() {
        world.close();
    }

    private void awaitReady(TlsNode one, TlsNode two) {
        Await.until("keys both ways", () -> one.isReadyWith(two) && two.isReadyWith(one));
        Await.until("the same ones", () -> opens(one, two) && opens(two, one));
    }

    private static boolean opens(TlsNode from, TlsNode to) {
        String key = KeyWorld.keyOf(from.outbound(to));
        return to.inbound(from).stream().anyMatch(each -> KeyWorld.keyOf(each).equals(key));
    }

    private List<TlsNode> pair() {
        TlsNode one = world.node(1);
        TlsNode two = world.node(2);
        one.share(two);
        two.share(one);
        return List.of(one, two);
    }

    @Test
    void shouldExchangeKeysBothWays() {
        List<TlsNode> pair = pair();
        awaitReady(pair.getFirst(), pair.getLast());
    }

    @Test
    void shouldRekeyWhenEitherSideAsks() {
        List<TlsNode> pair = pair();
        awaitReady(pair.getFirst(), pair.getLast());
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            TlsNode asks = pair.get(random.nextInt(2));
            TlsNode other = asks == pair.getFirst() ? pair.getLast() : pair.getFirst();
            SecurityAssociation before = asks.outbound(other);
            asks.ring().rotate(KeyWorld.CIPHER, Set.of(other.id()));
            Await.until("another one", () -> asks.outbound(other).spi() != before.spi());
            awaitReady(asks, other);
        }
    }

    @Test
    void shouldKeepItsKeysWhileADaemonIsAwayAndRekeyAfterwards() {
        List<TlsNode> pair = pair();
        TlsNode one = pair.getFirst();
        TlsNode two = pair.getLast();
        awaitReady(one, two);
        SecurityAssociation before = one.outbound(two);
        two.stopDaemon();
        one.ring().rotate(KeyWorld.CIPHER, Set.of(two.id()));
        Await.until("the connection is gone", () -> one.ring().missing().contains(two.id()));
        assertEquals(before, one.outbound(two));
        two.startDaemon();
        Await.until("another one", () -> one.outbound(two).spi() != before.spi());
        awaitReady(one, two);
    }

    @Test
    void shouldCallFromTheGreaterIdWhenTheOtherDoesNot() {
        TlsNode one = world.node(1);
        TlsNode two = world.node(2);
        two.share(one);
        one.shareWithoutCalling(two);
        awaitReady(one, two);
    }

    @Test
    void shouldAgreeOnTheHybridGroup() throws IOException {
        TlsNode one = world.node(1);
        TlsNode two = world.node(2);
        try (Relay relay = new Relay(two.address())) {
            one.reachAt(two, relay.address());
            one.share(two);
            two.share(one);
            awaitReady(one, two);
            assertEquals(0x11ec, ServerHello.keyShareGroup(relay.fromServer()), "X25519MLKEM768");
            assertEquals(0x1302, ServerHello.cipherSuite(relay.fromServer()), "TLS_AES_256_GCM_SHA384");
        }
    }

    /** On a machine under load a handshake has taken longer than the five seconds that there were for it, and was begun again and again. */
    @Test
    void shouldHaveTimeForASlowHandshake() throws IOException {
        TlsNode one = world.node(1);
        TlsNode two = world.node(2);
        try (BreakingRelay relay = new BreakingRelay(two.address().getPort(), BreakingRelay.Fault.STOPS_FOR_SIX_SECONDS)) {
            one.reachAt(two, new InetSocketAddress(two.address().getAddress(), relay.port()));
            two.reachAt(one, new InetSocketAddress(two.address().getAddress(), FreePort.tcp())); // so that this is the only way
            one.share(two);
            two.share(one);
            awaitReady(one, two);
            assertEquals(1, relay.connections());
        }
    }

    @Test
    void shouldRefuseACertificateOfAnotherCa() {
        TlsNode one = world.node(1);
        TlsNode stranger = new TlsNode(world, 2, CertificateAuthority.found(TlsWorld.CLUSTER, Instant.now(), TlsWorld.RANDOM),
                CertificateAuthority.NODE_VALIDITY);
        world.members.put(stranger.id(), stranger);
        try (stranger) {
            stranger.share(one);
            one.share(stranger);
            Await.until("refused", () -> one.refused(Refusal.UNKNOWN_AUTHORITY) > 0 && stranger.refused(Refusal.UNKNOWN_AUTHORITY) > 0);
            assertFalse(one.isReadyWith(stranger));
        }
    }

    @Test
    void shouldRefuseANodeThatIsNoMember() {
        TlsNode one = world.node(1);
        TlsNode removed = world.node(2);
        removed.share(one);
        one.share(removed);
        awaitReady(one, removed);
        world.members.remove(removed.id());
        one.lookAgain();
        assertThrows(java.util.NoSuchElementException.class, () -> one.outbound(removed), "nothing of it is left");
        Await.until("refused", () -> one.refused(Refusal.REVOKED) > 0);
    }

    @Test
    void shouldNotOutliveACertificate() {
        TlsNode one = world.node(1);
        TlsNode two = new TlsNode(world, 2, world.authority, Duration.ofHours(1));
        world.members.put(two.id(), two);
        try (two) {
            one.share(two);
            two.share(one);
            awaitReady(one, two);
            SecurityAssociation before = one.outbound(two);
            world.ahead = Duration.ofHours(2);
            Await.until("the connection ends with it", () -> one.refused(Refusal.EXPIRED) > 0 && one.ring().missing().contains(two.id()));
            one.ring().rotate(KeyWorld.CIPHER, Set.of(two.id()));
            assertEquals(before, one.outbound(two), "the keys live on");
            two.credentials().replace(two.material(world.authority, CertificateAuthority.NODE_VALIDITY));
            Await.until("another key", () -> one.outbound(two).spi() != before.spi());
        }
    }

    @Test
    void shouldGoOnWhileTheCaIsRotated() {
        List<TlsNode> pair = pair();
        awaitReady(pair.getFirst(), pair.getLast());
        CertificateAuthority next = CertificateAuthority.found(TlsWorld.CLUSTER, Instant.now(), TlsWorld.RANDOM);
        TrustBundle both = new TrustBundle(List.of(world.authority.certificate(), next.certificate()));
        pair.forEach(each -> each.credentials().replace(each.credentials().current().withTrust(both)));
        for (TlsNode each : pair) {
            KeyMaterial fresh = each.material(next, CertificateAuthority.NODE_VALIDITY);
            each.credentials().replace(fresh.withTrust(both));
        }
        pair.forEach(each -> each.credentials().replace(each.credentials().current().withTrust(new TrustBundle(List.of(next.certificate())))));
        TlsNode one = pair.getFirst();
        TlsNode two = pair.getLast();
        SecurityAssociation before = one.outbound(two);
        one.ring().rotate(KeyWorld.CIPHER, Set.of(two.id()));
        Await.until("another key", () -> one.outbound(two).spi() != before.spi());
    }

    @Test
    void shouldRefuseWhatIsNotTls() throws IOException {
        TlsNode one = world.node(1);
        try (Socket socket = new Socket(one.address().getAddress(), one.address().getPort())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            drain(socket.getInputStream());
        }
        Await.until("refused", () -> one.refused(Refusal.NOT_TLS) == 1);
    }

    @Test
    void shouldNotWaitForSomebodyWhoSaysNothing() throws IOException {
        TlsNode one = world.node(1);
        try (Socket socket = new Socket(one.address().getAddress(), one.address().getPort())) {
            drain(socket.getInputStream());
        }
        Await.until("refused", () -> one.refused(Refusal.SILENT) == 1);
    }

    @Test
    void shouldRefuseTls12AndOtherSuites() throws Exception {
        TlsNode one = world.node(1);
        for (String[] offer : new String[][] {{"TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, {"TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"}}) {
            try (SSLSocket socket = jdkSocket(one)) {
                socket.setEnabledProtocols(new String[] {offer[0]});
                socket.setEnabledCipherSuites(new String[] {offer[1]});
                assertThrows(IOException.class, socket::startHandshake);
            }
        }
        Await.until("refused", () -> one.refused(Refusal.TLS_VERSION) == 2);
    }

    @Test
    void shouldRefuseAPeerWithoutACertificate() throws Exception {
        TlsNode one = world.node(1);
        try (SSLSocket socket = jdkSocket(one)) {
            socket.setEnabledProtocols(new String[] {"TLSv1.3"});
            assertThrows(IOException.class, () -> {
                socket.startHandshake();
                socket.getInputStream().read();
            });
        }
        Await.until("refused", () -> one.refused(Refusal.NO_CERTIFICATE) == 1);
    }

    @Test
    void shouldCutAMemberThatBreaksTheRules() throws Exception {
        TlsNode one = world.node(1);
        TlsNode two = world.node(2);
        two.stopDaemon();
        try (Socket socket = new Socket(one.address().getAddress(), one.address().getPort())) {
            SSLSocket tls = new KeyTls(two.credentials(), subject -> { }).over(socket, true);
            tls.startHandshake();
            tls.getOutputStream().write(KeyMessageCodec.encode(new KeyMessage.Ping()));
            drain(tls.getInputStream());
        }
        Await.until("counted", () -> one.refused(Refusal.MALFORMED) == 1);
    }

    @Test
    void shouldSayThatItsPortIsTaken() {
        TlsNode one = world.node(1);
        assertThrows(WeftException.PortInUse.class, one::startDaemon);
    }

    private static SSLSocket jdkSocket(TlsNode node) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAnyone()}, TlsWorld.RANDOM);
        return (SSLSocket) context.getSocketFactory().createSocket(node.address().getAddress(), node.address().getPort());
    }

    /** Until the other side ends the connection, one way or the other. */
    private static void drain(InputStream in) {
        try {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            assertTrue(e.getMessage() != null);
        }
    }
}
