package dev.weft.mesh.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two stacks on one cable. */
class UdpChannelTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final InetAddress A = InetAddress.ofLiteral("10.0.1.2");
    private static final InetAddress B = InetAddress.ofLiteral("10.0.1.3");
    private static final InetAddress B_IPV6 = InetAddress.ofLiteral("fd00:1::3");

    private final Cable cable = new Cable();
    private final UdpStack left = new UdpStack(UdpStackTest.HOST, cable.left);
    private final UdpStack right = new UdpStack(new UdpHost("b", MacAddress.parse("02:42:0a:00:01:03"), List.of(
            new UdpHost.Interface(B, Cidr.parse("10.0.1.0/24"), InetAddress.ofLiteral("10.0.1.1")),
            new UdpHost.Interface(B_IPV6, Cidr.parse("fd00:1::/64"), InetAddress.ofLiteral("fd00:1::1"))), 1450), cable.right);

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    @Test
    void shouldCarryEveryLengthUpToTheMtuInBothFamilies() throws InterruptedException {
        OverlayDatagramChannel sender = left.open(0);
        OverlayDatagramChannel receiver = right.open(7000);
        for (InetAddress target : List.of(B, B_IPV6)) {
            int room = 1450 - 8 - (target == B ? 20 : 40);
            for (int length = 0; length <= room; length++) {
                byte[] sent = new byte[length];
                new java.util.Random(length).nextBytes(sent);
                sender.send(ByteBuffer.wrap(sent), new InetSocketAddress(target, 7000));

                ByteBuffer received = ByteBuffer.allocate(1500);
                assertEquals(sender.localPort(), receiver.receive(received, PATIENCE).getPort());
                assertEquals(ByteBuffer.wrap(sent), received.flip(), "length " + length);
            }
        }
    }

    @Test
    void shouldRefuseWhatDoesNotFitTheMtu() {
        OverlayDatagramChannel sender = left.open(0);
        ByteBuffer tooLong = ByteBuffer.allocate(1423);

        WeftException.InvalidSpec refusal = assertThrows(WeftException.InvalidSpec.class, () -> sender.send(tooLong, new InetSocketAddress(B, 7000)));

        assertTrue(refusal.getMessage().contains("1422"), refusal.getMessage());
        assertEquals(0, tooLong.position());
        assertThrows(WeftException.InvalidSpec.class, () -> sender.send(ByteBuffer.allocate(1403), new InetSocketAddress(B_IPV6, 7000)));
        assertTrue(cable.right.received().isEmpty());
    }

    @Test
    void shouldRefuseTargetsThatAreNone() {
        OverlayDatagramChannel sender = left.open(0);
        for (InetSocketAddress target : List.of(InetSocketAddress.createUnresolved("example.invalid", 7000), new InetSocketAddress(B, 0),
                new InetSocketAddress(InetAddress.ofLiteral("224.0.0.1"), 7000),
                new InetSocketAddress(InetAddress.ofLiteral("255.255.255.255"), 7000),
                new InetSocketAddress(InetAddress.ofLiteral("ff02::1"), 7000), new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 7000))) {
            assertThrows(WeftException.InvalidSpec.class, () -> sender.send(ByteBuffer.allocate(1), target), target::toString);
        }
    }

    @Test
    void shouldRefuseAFamilyThatTheEndpointDoesNotHave() {
        try (UdpStack ipv4Only = new UdpStack(new UdpHost("c", MacAddress.parse("02:42:0a:00:01:04"),
                List.of(UdpStackTest.HOST.interfaces().getFirst()), 1450), new Cable().left)) {
            OverlayDatagramChannel sender = ipv4Only.open(0);
            assertThrows(WeftException.InvalidSpec.class, () -> sender.send(ByteBuffer.allocate(1), new InetSocketAddress(B_IPV6, 7000)));
        }
    }

    @Test
    void shouldTellChannelsApartByPort() throws InterruptedException {
        OverlayDatagramChannel one = right.open(7001);
        OverlayDatagramChannel two = right.open(7002);
        OverlayDatagramChannel sender = left.open(0);

        sender.send(ByteBuffer.wrap(new byte[] {2}), new InetSocketAddress(B, 7002));
        sender.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress(B, 7001));

        ByteBuffer buffer = ByteBuffer.allocate(2);
        two.receive(buffer, PATIENCE);
        one.receive(buffer, PATIENCE);
        assertEquals(ByteBuffer.wrap(new byte[] {2, 1}), buffer.flip());
    }

    @Test
    void shouldDeliverToTheEndpointItself() throws InterruptedException {
        OverlayDatagramChannel one = left.open(7001);
        OverlayDatagramChannel two = left.open(7002);

        one.send(ByteBuffer.wrap(new byte[] {7}), new InetSocketAddress(A, 7002));

        assertEquals(new InetSocketAddress(A, 7001), two.receive(ByteBuffer.allocate(1), PATIENCE));
    }

    @Test
    void shouldGivePortsOnceAndAgainAfterClose() {
        OverlayDatagramChannel first = left.open(7000);
        assertThrows(WeftException.PortInUse.class, () -> left.open(7000));
        assertThrows(WeftException.InvalidSpec.class, () -> left.open(65536));
        assertThrows(WeftException.InvalidSpec.class, () -> left.open(-1));

        first.close();
        first.close();
        assertEquals(7000, left.open(7000).localPort());
        assertNotEquals(left.open(0).localPort(), left.open(0).localPort());
    }

    @Test
    void shouldCutADatagramToTheBuffer() throws InterruptedException {
        OverlayDatagramChannel receiver = right.open(7000);
        left.open(0).send(ByteBuffer.wrap(new byte[] {1, 2, 3}), new InetSocketAddress(B, 7000));

        ByteBuffer buffer = ByteBuffer.allocate(2);
        receiver.receive(buffer, PATIENCE);

        assertEquals(ByteBuffer.wrap(new byte[] {1, 2}), buffer.flip());
        assertNull(receiver.receive(ByteBuffer.allocate(2), Duration.ofMillis(1)));
    }

    @Test
    void shouldWakeAReceiverWhenTheChannelIsClosed() throws Exception {
        OverlayDatagramChannel receiver = right.open(7000);
        CompletableFuture<InetSocketAddress> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return receiver.receive(ByteBuffer.allocate(1), Duration.ofDays(365_000));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        right.close();

        assertNull(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThrows(WeftException.NodeClosed.class, () -> receiver.send(ByteBuffer.allocate(1), new InetSocketAddress(A, 5000)));
        assertThrows(WeftException.NodeClosed.class, () -> right.open(7000));
    }

    @Test
    void shouldLoseADatagramThatFindsNoBufferAndGoOn() throws InterruptedException {
        OverlayDatagramChannel receiver = right.open(7000);
        OverlayDatagramChannel sender = left.open(0);
        sender.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress(B, 7000));
        receiver.receive(ByteBuffer.allocate(1), PATIENCE);

        cable.left.full = true;
        sender.send(ByteBuffer.wrap(new byte[] {2}), new InetSocketAddress(B, 7000));
        cable.left.full = false;
        sender.send(ByteBuffer.wrap(new byte[] {3}), new InetSocketAddress(B, 7000));

        ByteBuffer buffer = ByteBuffer.allocate(1);
        receiver.receive(buffer, PATIENCE);
        assertEquals(3, buffer.get(0));
    }
}
