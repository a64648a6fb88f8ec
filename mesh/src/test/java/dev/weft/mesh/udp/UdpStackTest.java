package dev.weft.mesh.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import dev.weft.api.OverlayDatagramChannel;
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

/** The stack is host A; the test is all others on the cable. All frames made by scapy. */
class UdpStackTest {

    private static final String TO_B = "02420a00010302420a000102";
    private static final String TO_A = "02420a00010202420a000103";
    private static final String IPV6_A = "fd000001000000000000000000000002";
    private static final String IPV6_B = "fd000001000000000000000000000003";

    private static final String ARP_REQUEST_OF_A = "ffffffffffff02420a0001020806000108000604000102420a0001020a0001020000000000000a000103";
    private static final String ARP_REPLY_OF_B = TO_A + "0806000108000604000202420a0001030a00010302420a0001020a000102";
    private static final String ARP_REQUEST_OF_B = "ffffffffffff02420a0001030806000108000604000102420a0001030a0001030000000000000a000102";
    private static final String ARP_REPLY_OF_A = TO_B + "0806000108000604000202420a0001020a00010202420a0001030a000103";
    private static final String SOLICITATION_OF_A = "3333ff00000302420a00010286dd6000000000203aff" + IPV6_A
            + "ff0200000000000000000001ff0000038700724f00000000" + IPV6_B + "010102420a000102";
    private static final String ADVERTISEMENT_OF_B = TO_A + "86dd6000000000203aff" + IPV6_B + IPV6_A + "8800115160000000" + IPV6_B
            + "020102420a000103";
    private static final String SOLICITATION_OF_B = "3333ff00000202420a00010386dd6000000000203aff" + IPV6_B
            + "ff0200000000000000000001ff0000028700724f00000000" + IPV6_A + "010102420a000103";
    private static final String ADVERTISEMENT_OF_A = TO_B + "86dd6000000000203aff" + IPV6_A + IPV6_B + "8800115360000000" + IPV6_A
            + "020102420a000102";

    private static final String HELLO_TO_B = TO_B + "08004500002100004000401124c80a0001020a00010313881b58000d771d68656c6c6f";
    private static final String WORLD_TO_A = TO_A + "080045000021004d00004011647b0a0001030a0001021b581388000d6d13776f726c64";
    private static final String WORLD_TO_A_WITHOUT_CHECKSUM = WORLD_TO_A.replace("000d6d13", "000d0000");
    private static final String FRAGMENT_TO_A = TO_A + "080045000021004d20004011447b0a0001030a0001021b581388000d6d13776f726c64";
    private static final String HELLO_TO_B_IPV6 = TO_B + "86dd60000000000d1140" + IPV6_A + IPV6_B + "13881b58000d931968656c6c6f";
    private static final String WORLD_TO_A_IPV6 = TO_A + "86dd60000000000d1140" + IPV6_B + IPV6_A + "1b581388000d890f776f726c64";
    private static final String ECHO_REQUEST = TO_A + "080045000021000900003f0165cf0a0001030a0001020800b3b50077000168656c6c6f";
    private static final String ECHO_REPLY = TO_B + "08004500002100090000400164cf0a0001020a0001030000bbb50077000168656c6c6f";
    private static final String ECHO_REQUEST_IPV6 = TO_A + "86dd60000000000d3a3f" + IPV6_B + IPV6_A + "800041650077000168656c6c6f";
    private static final String ECHO_REPLY_IPV6 = TO_B + "86dd60000000000d3a40" + IPV6_A + IPV6_B + "810040650077000168656c6c6f";

    private static final InetSocketAddress B = new InetSocketAddress(InetAddress.ofLiteral("10.0.1.3"), 7000);
    private static final InetSocketAddress B_IPV6 = new InetSocketAddress(InetAddress.ofLiteral("fd00:1::3"), 7000);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Cable cable = new Cable();
    private final UdpStack stack = new UdpStack(HOST, cable.left);
    private final OverlayDatagramChannel channel = stack.open(5000);

    static final UdpHost HOST = new UdpHost("a", MacAddress.parse("02:42:0a:00:01:02"), List.of(
            new UdpHost.Interface(InetAddress.ofLiteral("10.0.1.2"), Cidr.parse("10.0.1.0/24"), InetAddress.ofLiteral("10.0.1.1")),
            new UdpHost.Interface(InetAddress.ofLiteral("fd00:1::2"), Cidr.parse("fd00:1::/64"), InetAddress.ofLiteral("fd00:1::1"))), 1450);

    @AfterEach
    void close() {
        stack.close();
    }

    @Test
    void shouldResolveAndSendOverIpv4() throws InterruptedException {
        channel.send(bytes("hello"), B);
        assertSent(ARP_REQUEST_OF_A);
        inject(ARP_REPLY_OF_B);
        assertSent(HELLO_TO_B);

        channel.send(bytes("hello"), B);
        assertSent(HELLO_TO_B);
    }

    @Test
    void shouldResolveAndSendOverIpv6() throws InterruptedException {
        channel.send(bytes("hello"), B_IPV6);
        assertSent(SOLICITATION_OF_A);
        inject(ADVERTISEMENT_OF_B);
        assertSent(HELLO_TO_B_IPV6);
    }

    @Test
    void shouldAskTheGatewayForWhatIsOutsideTheSubnet() throws InterruptedException {
        channel.send(bytes("hello"), new InetSocketAddress(InetAddress.ofLiteral("198.51.100.7"), 7000));

        assertSent("ffffffffffff02420a0001020806000108000604000102420a0001020a0001020000000000000a000101");
    }

    @Test
    void shouldReceiveOverBothFamilies() throws InterruptedException {
        inject(WORLD_TO_A);
        assertReceived("world", B);
        inject(WORLD_TO_A_WITHOUT_CHECKSUM);
        assertReceived("world", B);
        inject(WORLD_TO_A_IPV6);
        assertReceived("world", B_IPV6);
    }

    @Test
    void shouldAnswerArpNeighborDiscoveryAndEcho() throws InterruptedException {
        inject(ARP_REQUEST_OF_B);
        assertSent(ARP_REPLY_OF_A);
        inject(SOLICITATION_OF_B);
        assertSent(ADVERTISEMENT_OF_A);
        inject(ECHO_REQUEST);
        assertSent(ECHO_REPLY);
        inject(ECHO_REQUEST_IPV6);
        assertSent(ECHO_REPLY_IPV6);
    }

    @Test
    void shouldIgnoreWhatAHostIgnores() throws InterruptedException {
        inject(FRAGMENT_TO_A);
        inject(WORLD_TO_A_IPV6.replace("000d890f", "000d0000"));
        inject(WORLD_TO_A.replace("6d13776f", "6d13776e"));
        inject(WORLD_TO_A.replace("0a0001021b58", "0a0001091b58"));
        inject(WORLD_TO_A.replaceFirst("02420a000102", "02420a000109"));
        inject(WORLD_TO_A.replace("1b581388", "1b581389").replace("6d13776f", "6d12776f"));
        inject(ADVERTISEMENT_OF_B.replace("203aff", "203afe"));
        inject(ARP_REQUEST_OF_B.replaceFirst("0a000102$", "0a000109"));

        inject(WORLD_TO_A);
        assertReceived("world", B);
        assertNull(channel.receive(ByteBuffer.allocate(10), Duration.ZERO));
        assertTrue(cable.right.received().isEmpty());
    }

    @Test
    void shouldSurviveEveryTruncation() throws InterruptedException {
        for (String frame : List.of(WORLD_TO_A, WORLD_TO_A_IPV6, ECHO_REQUEST, ECHO_REQUEST_IPV6, SOLICITATION_OF_B, ADVERTISEMENT_OF_B,
                ARP_REQUEST_OF_B)) {
            for (int length = 0; length < frame.length(); length += 2) {
                inject(frame.substring(0, length));
            }
        }
        inject(ECHO_REQUEST);
        assertSent(ECHO_REPLY);
        assertNull(channel.receive(ByteBuffer.allocate(10), Duration.ZERO));
    }

    private void inject(String frame) {
        cable.right.send(HexFormat.of().parseHex(frame));
    }

    private void assertSent(String frame) throws InterruptedException {
        byte[] sent = cable.right.received().poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        assertNotNull(sent, "nothing was sent");
        assertEquals(frame, HexFormat.of().formatHex(sent));
    }

    private void assertReceived(String text, InetSocketAddress from) throws InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        assertEquals(from, channel.receive(buffer, PATIENCE));
        assertArrayEquals(text.getBytes(StandardCharsets.US_ASCII), java.util.Arrays.copyOf(buffer.array(), buffer.position()));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
