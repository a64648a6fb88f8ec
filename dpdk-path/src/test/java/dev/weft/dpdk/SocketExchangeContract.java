package dev.weft.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.api.wire.UnderlayOverhead;
import dev.weft.testing.FreePort;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two socket paths on the loopback interface, as an ordinary user: the right one with workers, the left one as it may be. */
abstract class SocketExchangeContract {

    protected static final InetAddress LEFT_VTEP = InetAddress.ofLiteral("127.0.0.2");
    protected static final InetAddress RIGHT_VTEP = InetAddress.ofLiteral("127.0.0.3");
    private static final int HEADERS = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;
    protected static final Member LEFT = new Member(new EndpointId(256, "left"), new MacAddress(0x0257_0000_0001L), "10.9.0.2");
    protected static final Member RIGHT = new Member(new EndpointId(256, "right"), new MacAddress(0x0257_0000_0002L), "10.9.0.3");
    /** Datagrams one way, and how many of them at once: no more than a socket's buffer has room for. */
    private static final int LOAD = 5_000;
    private static final int UNDER_WAY = 32;
    private static final Member OTHER = new Member(new EndpointId(257, "left"), new MacAddress(0x0257_0000_0001L), "10.9.0.2");

    /** An endpoint, wherever it is. */
    protected record Member(EndpointId id, MacAddress mac, String address) {
        LocalEndpoint local() {
            return new LocalEndpoint(id, mac, List.of(InetAddress.ofLiteral(address)), new Attachment.InProcess());
        }

        RemoteEndpoint remote(InetAddress vtep) {
            return new RemoteEndpoint(id, mac, List.of(InetAddress.ofLiteral(address)), vtep);
        }

        int ipv4() {
            return AddressBits.ipv4(AddressBits.low(InetAddress.ofLiteral(address)));
        }
    }

    protected DataPath left;
    protected DataPath right;
    protected int overlayPort;
    protected int espPort;

    /** What the network is encrypted with. */
    protected abstract Optional<Cipher> cipher();

    /** What each side makes of a network with its SAs. */
    protected abstract List<PeerSecurity> peersOf(InetAddress vtep);

    protected PipelineSpec leftPipeline() {
        return PipelineSpec.DEFAULT;
    }

    @BeforeEach
    void open() {
        overlayPort = FreePort.udp();
        espPort = FreePort.udp();
        left = path("left", LEFT_VTEP, leftPipeline());
        right = path("right", RIGHT_VTEP, new PipelineSpec(2, false));
        assertEquals(Map.of(), left.apply(new DataPathState(1, List.of(
                network(256, List.of(LEFT.local()), List.of(RIGHT.remote(RIGHT_VTEP))), network(257, List.of(OTHER.local()), List.of())),
                peersOf(LEFT_VTEP))));
        assertEquals(Map.of(), right.apply(new DataPathState(1, List.of(
                network(256, List.of(RIGHT.local()), List.of(LEFT.remote(LEFT_VTEP)))), peersOf(RIGHT_VTEP))));
    }

    private DataPath path(String node, InetAddress vtep, PipelineSpec pipeline) {
        return new SocketDataPathProvider().open(new DataPathConfig(node, vtep, overlayPort, espPort, Optional.empty(), Optional.empty(), pipeline));
    }

    /** What an underlay of 1500 bytes leaves. */
    private int mtu() {
        return cipher().isPresent() ? UnderlayOverhead.mtuEncrypted(1500, LEFT_VTEP, true) : UnderlayOverhead.mtuInClear(1500, LEFT_VTEP);
    }

    protected final NetworkState network(int vni, List<LocalEndpoint> locals, List<RemoteEndpoint> remotes) {
        return new NetworkState("net" + vni, vni, mtu(), NetworkState.gatewayMacOf(vni),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1"))), locals, remotes, List.of(), cipher());
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    /** A UDP datagram without a checksum, whose payload bytes are all the low byte of its length. */
    protected static void send(FrameChannel channel, Member from, Member to, int payload) {
        await(() -> channel.tryClaim(HEADERS + payload));
        MemorySegment memory = channel.memory();
        long frame = channel.offset();
        long ip = frame + EthernetHeader.LENGTH;
        EthernetHeader.write(memory, frame, to.mac().value(), from.mac().value(), EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, ip, HEADERS - EthernetHeader.LENGTH + payload, 0, Ipv4Header.DONT_FRAGMENT, 64, IpProtocol.UDP,
                from.ipv4(), to.ipv4());
        UdpHeader.write(memory, ip + Ipv4Header.MIN_LENGTH, 4000, 5000, UdpHeader.LENGTH + payload);
        memory.asSlice(frame + HEADERS, payload).fill((byte) payload);
        channel.commit();
    }

    protected static void assertReceives(FrameChannel channel, int payload) {
        await(() -> channel.poll((memory, offset, length) -> {
            assertEquals(HEADERS + payload, length);
            byte[] expected = new byte[payload];
            Arrays.fill(expected, (byte) payload);
            assertArrayEquals(expected, memory.asSlice(offset + HEADERS, payload).toArray(JAVA_BYTE));
        }, 1) == 1);
    }

    protected static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "timed out");
            Thread.yield();
        }
    }

    @Test
    void shouldCarryDatagramsOfEverySizeBothWays() {
        FrameChannel onLeft = left.frames(LEFT.id());
        FrameChannel onRight = right.frames(RIGHT.id());
        for (int payload = 1; payload <= mtu() - (HEADERS - EthernetHeader.LENGTH); payload++) {
            send(onLeft, LEFT, RIGHT, payload);
            assertReceives(onRight, payload);
            send(onRight, RIGHT, LEFT, payload);
            assertReceives(onLeft, payload);
        }
        int packets = mtu() - (HEADERS - EthernetHeader.LENGTH);
        assertEquals(packets, left.counters().value("uplink", "tx-packets"));
        assertEquals(packets, right.counters().value("uplink", "rx-packets"));
    }

    @Test
    void shouldKeepNetworksApart() {
        // Same MAC and address as the sender that the peer knows, in a network that the peer is not part of.
        send(left.frames(OTHER.id()), OTHER, RIGHT, 10);
        await(() -> left.counters().dropped(DropReason.UNKNOWN_UNICAST) == 1);
        send(left.frames(LEFT.id()), LEFT, RIGHT, 11);
        assertReceives(right.frames(RIGHT.id()), 11);
    }

    @Test
    void shouldDropWhatAnEndpointSendsInTheNameOfAnother() {
        send(left.frames(LEFT.id()), RIGHT, LEFT, 10);
        await(() -> left.counters().dropped(DropReason.SPOOFED) == 1);
        assertEquals(0, right.counters().value("uplink", "rx-packets"));
    }

    @Test
    void shouldGoOnWhileStatesAreApplied() {
        FrameChannel onLeft = left.frames(LEFT.id());
        for (int epoch = 2; epoch < 50; epoch++) {
            send(onLeft, LEFT, RIGHT, epoch);
            left.apply(new DataPathState(epoch, List.of(network(256, List.of(LEFT.local()), List.of(RIGHT.remote(RIGHT_VTEP)))), peersOf(LEFT_VTEP)));
            assertReceives(right.frames(RIGHT.id()), epoch);
        }
    }

    @Test
    void shouldKeepTheOrderUnderLoadBothWaysAndCloseInTheMiddleOfIt() {
        FrameChannel onLeft = left.frames(LEFT.id());
        FrameChannel onRight = right.frames(RIGHT.id());
        for (int i = 0; i < LOAD + UNDER_WAY; i++) {
            send(onLeft, LEFT, RIGHT, payload(i));
            send(onRight, RIGHT, LEFT, payload(i));
            if (i >= UNDER_WAY) {
                assertReceives(onRight, payload(i - UNDER_WAY));
                assertReceives(onLeft, payload(i - UNDER_WAY));
            }
        }
    }

    /** Another one than those of all that is under way with it. */
    private static int payload(int number) {
        return 1 + number * 37 % 1361;
    }
}
