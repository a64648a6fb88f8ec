package dev.weft.mesh.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An endpoint, and the member of the ingress network that stands for it, each on a cable of its own. All frames made by scapy. */
class PublishedDatagramsTest {

    private static final String TO_MEMBER = "0242ac1000050242ac100002";
    private static final String TO_NODE = "0242ac1000020242ac100005";
    private static final String WORLD_OF_CLIENT = TO_MEMBER + "080045000021000700003e110e7ec0000232ac1000051b581388000d14d0776f726c64";
    private static final String HELLO_TO_CLIENT = TO_NODE + "080045000021000040004011cc84ac100005c000023213881b58000d1eda68656c6c6f";
    private static final String WORLD_OF_CLIENT_IPV6 = TO_MEMBER + "86dd60000000000d113e20010db8000000000000000000000050"
            + "fd0000160000000000000000000000051b581388000d57f3776f726c64";
    private static final String HELLO_TO_CLIENT_IPV6 = TO_NODE + "86dd60000000000d1140fd000016000000000000000000000005"
            + "20010db800000000000000000000005013881b58000d61fd68656c6c6f";
    private static final String ARP_REQUEST_FOR_THE_GATEWAY = "ffffffffffff02420a0001020806000108000604000102420a0001020a0001020000000000000a000101";
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.50"), 7000);
    private static final InetSocketAddress CLIENT_IPV6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::50"), 7000);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final UdpHost MEMBER = new UdpHost("m", MacAddress.parse("02:42:ac:10:00:05"), List.of(
            new UdpHost.Interface(InetAddress.ofLiteral("172.16.0.5"), Cidr.parse("172.16.0.0/20"), InetAddress.ofLiteral("172.16.0.1")),
            new UdpHost.Interface(InetAddress.ofLiteral("fd00:16::5"), Cidr.parse("fd00:16::/64"), InetAddress.ofLiteral("fd00:16::1"))), 1200);

    private final Cable network = new Cable();
    private final Cable ingress = new Cable();
    private final UdpStack stack = new UdpStack(UdpStackTest.HOST, network.left);
    private final UdpStack member = new UdpStack(MEMBER, ingress.left, stack::take);
    private final OverlayDatagramChannel channel = stack.open(5000);

    @AfterEach
    void close() {
        member.close();
        stack.close();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertSent(Cable cable, String frame) throws InterruptedException {
        byte[] sent = cable.right.received().poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertNotNull(sent, "nothing was sent");
        assertEquals(frame, HexFormat.of().formatHex(sent));
    }

    private void ask(String frame, InetSocketAddress client) throws InterruptedException {
        ingress.right.send(HexFormat.of().parseHex(frame));
        ByteBuffer buffer = ByteBuffer.allocate(100);
        assertEquals(client, channel.receive(buffer, PATIENCE));
        assertEquals(bytes("world"), buffer.flip());
    }

    @Test
    void shouldAnswerFromTheAddressThatWasAskedToTheNodeThatAsked() throws InterruptedException {
        ask(WORLD_OF_CLIENT, CLIENT);
        channel.send(bytes("hello"), CLIENT);
        assertSent(ingress, HELLO_TO_CLIENT);
        ask(WORLD_OF_CLIENT_IPV6, CLIENT_IPV6);
        channel.send(bytes("hello"), CLIENT_IPV6);
        assertSent(ingress, HELLO_TO_CLIENT_IPV6);
        ask(WORLD_OF_CLIENT.replaceFirst("0242ac100002", "0242ac100003"), CLIENT);
        channel.send(bytes("hello"), CLIENT);
        assertSent(ingress, HELLO_TO_CLIENT.replaceFirst("0242ac100002", "0242ac100003")); // by another node
    }

    @Test
    void shouldSendByItsOwnNetworkWhatAnswersNobody() throws InterruptedException {
        ask(WORLD_OF_CLIENT, CLIENT);
        try (OverlayDatagramChannel other = stack.open(5001)) {
            other.send(bytes("hello"), CLIENT);
            assertSent(network, ARP_REQUEST_FOR_THE_GATEWAY);
        }
        channel.send(bytes("hello"), CLIENT);
        assertSent(ingress, HELLO_TO_CLIENT);
    }

    @Test
    void shouldRefuseAnswersThatTheIngressNetworkDoesNotCarry() throws InterruptedException {
        ask(WORLD_OF_CLIENT, CLIENT);
        WeftException refused = assertThrows(WeftException.InvalidSpec.class, () -> channel.send(ByteBuffer.allocate(1173), CLIENT));
        assertEquals(true, refused.getMessage().contains("send at most 1172 bytes"), refused.getMessage());
        channel.send(bytes("hello"), CLIENT);
        assertSent(ingress, HELLO_TO_CLIENT);
    }

    @Test
    void shouldDropWhatNoChannelTakesAndAnswersWithoutAMember() throws InterruptedException {
        ingress.right.send(HexFormat.of().parseHex(WORLD_OF_CLIENT.replace("1b581388000d14d0", "1b581389000d14cf")));
        ask(WORLD_OF_CLIENT, CLIENT);
        member.close();
        channel.send(bytes("hello"), CLIENT);
        assertEquals(0, ingress.right.received().size());
        assertEquals(0, network.right.received().size(), "the client would not know that address");
    }
}
