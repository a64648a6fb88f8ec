package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.MacAddress;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a UDP uplink does, held against the JDK's own sockets on the loopback interface. */
abstract class SocketPortContract {

    static final InetAddress OTHER = InetAddress.ofLiteral("127.0.0.5");
    private static final InetAddress US = InetAddress.ofLiteral("127.0.0.2");
    static final InetAddress PEER = InetAddress.ofLiteral("127.0.0.3");
    private static final InetAddress STRANGER = InetAddress.ofLiteral("127.0.0.4");
    private static final int BUFFERS = 256;

    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Burst burst = new Burst();
    final ArenaPool sending = new ArenaPool(BUFFERS, 2048);
    final Tables tables = Tables.of(new DataPathState(1, List.of(new NetworkState("blue", 256, 1450,
            NetworkState.gatewayMacOf(256), List.of(), List.of(),
            List.of(new RemoteEndpoint(new EndpointId(256, "a"), MacAddress.parse("02:00:00:00:00:01"), List.of(), PEER)), List.of()))));
    private DatagramSocket peer;
    private DatagramSocket espPeer;
    private Port port;

    abstract Port open(PacketPool packetPool, InetAddress vtep, int overlayPort, int espPort);

    @BeforeEach
    void openBothSides() throws IOException {
        // None that the kernel gives unasked: a port's own senders might be given it, at its own address.
        peer = new DatagramSocket(new InetSocketAddress(PEER, FreePort.udp()));
        peer.setSoTimeout((int) TimeUnit.SECONDS.toMillis(60));
        espPeer = new DatagramSocket(new InetSocketAddress(PEER, FreePort.udp()));
        espPeer.setSoTimeout((int) TimeUnit.SECONDS.toMillis(60));
        port = open(pool, US, peer.getLocalPort(), espPeer.getLocalPort());
    }

    @AfterEach
    void closeBothSides() {
        port.close();
        peer.close();
        espPeer.close();
    }

    /** Adds a payload whose bytes are all the same. */
    private int add(int length, int value, int flowHash) {
        long[] buffer = new long[1];
        assertEquals(1, pool.allocate(buffer, 1));
        int i = burst.add(buffer[0], pool.dataOffset(buffer[0]), length);
        pool.memory().asSlice(burst.offset[i], length).fill((byte) value);
        burst.peer[i] = 0;
        burst.flowHash[i] = flowHash;
        return i;
    }

    private void receiveUntil(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        burst.begin(tables, pool.memory(), 0);
        while (burst.count < count) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "received only " + burst.count + " of " + count);
            if (port.receive(burst) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void shouldSendWhatTheBurstHoldsInOrder() throws IOException {
        burst.begin(tables, pool.memory(), 0);
        int[] slots = new int[50];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = add(1 + i * 29, i, 7);
        }
        assertEquals(slots.length, port.transmit(burst, slots, slots.length));
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        for (int i = 0; i < slots.length; i++) {
            peer.receive(packet);
            assertEquals(US, packet.getAddress());
            assertEquals(1 + i * 29, packet.getLength());
            assertEquals(i, packet.getData()[packet.getLength() - 1]);
        }
        assertEquals(0, port.sendErrors());
    }

    @Test
    void shouldSendFlowsFromSeveralPortsAndEachFlowFromOne() throws IOException {
        Set<Integer> ports = new HashSet<>();
        int[] portOfFlow = new int[32];
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        for (int round = 0; round < 2; round++) {
            burst.begin(tables, pool.memory(), 0);
            int[] slots = new int[32];
            for (int flow = 0; flow < slots.length; flow++) {
                slots[flow] = add(1, flow, flow * 0x9e37_79b9);
            }
            assertEquals(slots.length, port.transmit(burst, slots, slots.length));
            for (int i = 0; i < slots.length; i++) {
                peer.receive(packet);
                int flow = packet.getData()[0];
                ports.add(packet.getPort());
                assertTrue(round == 0 || portOfFlow[flow] == packet.getPort());
                portOfFlow[flow] = packet.getPort();
            }
        }
        assertTrue(ports.size() > 4, () -> "sent from " + ports);
    }

    @Test
    void shouldGiveTheBuffersOfSentPacketsBack() {
        int before = pool.available();
        burst.begin(tables, pool.memory(), 0);
        int[] slots = {add(10, 1, 1), add(10, 1, 2), add(10, 1, 3)};
        assertEquals(before - 3, pool.available());
        assertEquals(3, port.transmit(burst, slots, 3));
        assertEquals(before, pool.available());
    }

    @Test
    void shouldReceiveWholeDatagramsAndSayWhoSentThem() throws IOException {
        InetSocketAddress us = new InetSocketAddress(US, peer.getLocalPort());
        byte[] payload = {1, 2, 3, 4, 5};
        peer.send(new DatagramPacket(payload, payload.length, us));
        try (DatagramSocket stranger = new DatagramSocket(new InetSocketAddress(STRANGER, 0))) {
            stranger.send(new DatagramPacket(new byte[1450], 1450, us));
            receiveUntil(2);
        }
        assertEquals(0, burst.peer[0]);
        assertArrayEquals(payload, pool.memory().asSlice(burst.offset[0], burst.length[0]).toArray(JAVA_BYTE));
        assertEquals(Burst.NONE, burst.peer[1]);
        assertEquals(1450, burst.length[1]);
        assertEquals(PacketPool.HEADROOM, burst.offset[0] - burst.buffer[0]);
        assertTrue(burst.isOpen(0) && burst.isOpen(1));
    }

    @Test
    void shouldReceiveAgainWhenBuffersAreFreeAgain() throws IOException {
        InetSocketAddress us = new InetSocketAddress(US, peer.getLocalPort());
        for (int round = 0; round < 3 * BUFFERS / 50; round++) {
            for (int i = 0; i < 50; i++) {
                peer.send(new DatagramPacket(new byte[] {(byte) i}, 1, us));
            }
            receiveUntil(50);
            for (int i = 0; i < 50; i++) {
                assertEquals(i, pool.memory().get(JAVA_BYTE, burst.offset[i]));
            }
            pool.free(burst.buffer, burst.count);
        }
        port.close();
        assertEquals(BUFFERS, pool.available());
    }

    @Test
    void shouldCountWhatTheKernelRefusesAndGoOn() throws IOException {
        ArenaPool large = new ArenaPool(4, 66_000);
        try (Port other = open(large, STRANGER, peer.getLocalPort(), espPeer.getLocalPort())) {
            long[] buffers = new long[2];
            large.allocate(buffers, 2);
            burst.begin(tables, large.memory(), 0);
            burst.add(buffers[0], large.dataOffset(buffers[0]), 65_600);
            burst.add(buffers[1], large.dataOffset(buffers[1]), 3);
            burst.peer[0] = 0;
            burst.peer[1] = 0;
            assertEquals(2, other.transmit(burst, new int[] {0, 1}, 2));
            assertEquals(1, other.sendErrors());
            DatagramPacket packet = new DatagramPacket(new byte[64], 64);
            peer.receive(packet);
            assertEquals(3, packet.getLength());
        }
        assertEquals(4, large.available());
    }

    @Test
    void shouldSendEspToItsOwnPortAndReceiveItThere() throws IOException {
        burst.begin(tables, pool.memory(), 0);
        int[] slots = {add(10, 1, 1), add(11, 2, 2), add(12, 3, 3)};
        burst.wire[1] = Wire.ESP_IN_UDP;
        assertEquals(3, port.transmit(burst, slots, 3));
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        espPeer.receive(packet);
        assertEquals(11, packet.getLength());
        peer.receive(packet);
        peer.receive(packet);
        assertEquals(12, packet.getLength());
        espPeer.send(new DatagramPacket(new byte[7], 7, new InetSocketAddress(US, espPeer.getLocalPort())));
        receiveUntil(1);
        assertEquals(Wire.ESP_IN_UDP, burst.wire[0]);
        assertEquals(0, burst.peer[0]);
        peer.send(new DatagramPacket(new byte[7], 7, new InetSocketAddress(US, peer.getLocalPort())));
        receiveUntil(1);
        assertEquals(Wire.VXLAN, burst.wire[0]);
    }

    @Test
    void shouldGoOnInClearWhenThePortOfEspIsTaken() throws IOException {
        assertEquals(Optional.empty(), port.clearOnly());
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(STRANGER, 0));
                Port clear = open(new ArenaPool(BUFFERS, 2048), STRANGER, peer.getLocalPort(), other.getLocalPort())) {
            assertTrue(clear.clearOnly().orElseThrow().contains(Integer.toString(other.getLocalPort())), clear.clearOnly().toString());
        }
    }

    @Test
    void shouldRefuseAPortThatIsTakenAndAnAddressThatIsNotOurs() {
        int taken = peer.getLocalPort();
        WeftException.PortInUse inUse = assertThrows(WeftException.PortInUse.class, () -> open(pool, PEER, taken, taken));
        assertTrue(inUse.getMessage().contains("127.0.0.3") && inUse.getMessage().contains(Integer.toString(taken)), inUse.getMessage());
        InetAddress elsewhere = InetAddress.ofLiteral("192.0.2.77");
        WeftException.DataPathUnavailable unavailable =
                assertThrows(WeftException.DataPathUnavailable.class, () -> open(pool, elsewhere, taken, taken));
        assertTrue(unavailable.getMessage().contains("192.0.2.77"), unavailable.getMessage());
    }
}
