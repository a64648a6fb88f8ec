package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.Sockaddr;
import dev.weft.ffm.libc.TapDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("privileged")
class TapPortTest {

    private static final int BUFFERS = 256;
    private static final int TOGETHER = 40;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int UDP = IP + Ipv4Header.MIN_LENGTH;
    private static final int UDP_PAYLOAD = UDP + UdpHeader.LENGTH;

    private final String namespaceName = "wp-tap-" + ProcessHandle.current().pid();
    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Burst burst = new Burst();
    private NetworkNamespace namespace;
    private TapPort port;

    @BeforeEach
    void makeTap() throws IOException, InterruptedException {
        namespace = NetworkNamespace.create(namespaceName);
        TapDevice tap = namespace.call(() -> TapDevice.createWithOffloads("wptap"));
        port = new TapPort("endpoint:a@1", pool, tap);
        ip("link set wptap up");
        ip("address add 10.9.0.1/24 dev wptap");
        ip("neighbor add 10.9.0.2 lladdr 02:00:00:00:00:02 dev wptap");
    }

    @AfterEach
    void removeTap() {
        port.close();
        assertEquals(BUFFERS, pool.available());
        namespace.close();
        NetworkNamespace.delete(namespaceName);
    }

    private void ip(String command) throws IOException, InterruptedException {
        String[] words = ("ip -n " + namespaceName + " " + command).split(" ");
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), () -> Arrays.toString(words));
    }

    private DatagramSocket socket() {
        return namespace.call(() -> new DatagramSocket(new InetSocketAddress("10.9.0.1", 0)));
    }

    /** Receives until a UDP packet over IPv4 is there, alone in the burst; the kernel sends other things of its own accord. */
    private void receiveUdp() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() - deadline < 0) {
            burst.begin(Tables.EMPTY, pool.memory(), 0);
            port.receive(burst);
            for (int i = 0; i < burst.count; i++) {
                if (BigEndian.getShort(pool.memory(), burst.offset[i] + 12) == EthernetHeader.ETHER_TYPE_IPV4) {
                    keepOnly(i);
                    return;
                }
            }
            pool.free(burst.buffer, burst.count);
            Thread.onSpinWait();
        }
        throw new AssertionError("no UDP packet came");
    }

    private void keepOnly(int i) {
        long buffer = burst.buffer[i];
        long[] others = Arrays.stream(burst.buffer, 0, burst.count).filter(other -> other != buffer).toArray();
        pool.free(others, others.length);
        long offset = burst.offset[i];
        int length = burst.length[i];
        burst.begin(Tables.EMPTY, pool.memory(), 0);
        burst.add(buffer, offset, length);
    }

    @Test
    void shouldTakeFinishedFramesFromTheKernelAndGiveItFrames() throws IOException {
        try (DatagramSocket socket = socket()) {
            byte[] payload = {'w', 'e', 'f', 't', '!'};
            socket.send(new DatagramPacket(payload, payload.length, new InetSocketAddress("10.9.0.2", 4000)));
            receiveUdp();
            MemorySegment memory = pool.memory();
            long frame = burst.offset[0];
            assertEquals(UDP_PAYLOAD + payload.length, burst.length[0]);
            assertEquals(0x0200_0000_0002L, EthernetHeader.destination(memory, frame));
            assertTrue(Ipv4Header.isChecksumValid(memory, frame + IP));
            assertEquals(0, InternetChecksum.ofTransportIpv4(memory, frame + IP, IpProtocol.UDP, frame + UDP, UdpHeader.LENGTH + payload.length));

            turnAround(memory, frame);
            assertEquals(1, port.transmit(burst, new int[] {0}, 1));
            socket.setSoTimeout(60_000);
            DatagramPacket answer = new DatagramPacket(new byte[64], 64);
            socket.receive(answer);
            assertArrayEquals(payload, Arrays.copyOf(answer.getData(), answer.getLength()));
            assertEquals(4000, answer.getPort());
            assertEquals(0, port.sendErrors());
        }
    }

    /** One system call for all; the kernel cuts them for a socket that does not know of super-frames. */
    @Test
    void shouldGiveDatagramsOfAFlowTogetherAndLeaveThemWhatTheyWere() throws IOException {
        try (DatagramSocket socket = socket()) {
            byte[] payload = {'w', 'e', 'f', 't', 'w', 'e', 'f', 't', '!'};
            socket.send(new DatagramPacket(payload, payload.length, new InetSocketAddress("10.9.0.2", 4000)));
            receiveUdp();
            MemorySegment memory = pool.memory();
            turnAround(memory, burst.offset[0]);
            byte[] lengths = {9, 9, 9, 4, 9, 9};
            for (int n = 1; n < lengths.length; n++) {
                long[] buffer = new long[1];
                assertEquals(1, pool.allocate(buffer, 1));
                long frame = pool.dataOffset(buffer[0]);
                MemorySegment.copy(memory, burst.offset[0], memory, frame, UDP_PAYLOAD + 9);
                burst.add(buffer[0], frame, UDP_PAYLOAD + lengths[n]);
                renew(memory, frame, lengths[n], n);
            }
            assertEquals(lengths.length, port.transmit(burst, new int[] {0, 1, 2, 3, 4, 5}, lengths.length));
            socket.setSoTimeout(60_000);
            for (int n = 0; n < lengths.length; n++) {
                DatagramPacket received = new DatagramPacket(new byte[64], 64);
                socket.receive(received);
                assertEquals(lengths[n], received.getLength());
                assertEquals(n == 0 ? 'w' : n, received.getData()[0]);
            }
            assertEquals(0, port.sendErrors());
        }
    }

    /** Of USO (Linux 6.2). Other things that the kernel sends of its own accord may be in a burst beside them. */
    @Test
    void shouldHaveTheSegmentsOfASuperFrameInOneBurst() {
        OutgoingMessages messages = new OutgoingMessages();
        MemorySegment to = Sockaddr.of(InetAddress.ofLiteral("10.9.0.2"), 4000);
        MemorySegment payload = Arena.ofAuto().allocate(1000);
        messages.begin();
        for (int n = 0; n < TOGETHER; n++) {
            messages.add(payload.address(), 1000, to);
        }
        try (NativeSocket socket = namespace.call(() -> NativeSocket.open(NativeSocket.AF_INET, NativeSocket.SOCK_DGRAM, 0))) {
            for (int n = 0; n < 3; n++) {
                assertEquals(1, socket.sendMany(messages.headers(), messages.messages(), 0));
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (int got = 0; got < 3 * TOGETHER;) {
            assertTrue(System.nanoTime() - deadline < 0, got + " datagrams came");
            burst.begin(Tables.EMPTY, pool.memory(), 0);
            port.receive(burst);
            int some = (int) IntStream.range(0, burst.count).filter(this::isOfTest).count();
            assertTrue(some == 0 || some == TOGETHER, some + " of a burst of " + burst.count);
            got += some;
            pool.free(burst.buffer, burst.count);
        }
    }

    /** Also while the pool has fewer buffers than there are segments. */
    @ParameterizedTest
    @ValueSource(ints = {BUFFERS, 40})
    void shouldCutEachSuperFrameRightWhateverTheOneBeforeItWas(int buffers) {
        long[] hog = new long[BUFFERS];
        assertEquals(BUFFERS - buffers, pool.allocate(hog, BUFFERS - buffers));
        int[][] sent = {{1200, 12_000}, {1200, 6_001}, {0, 7}, {0, 1400}, {1200, 2_500}, {1100, 5_500}, {1200, 1_201}, {0, 1241}, {0, 1201},
            {1200, 9_600}, {500, 4_000}, {1200, 14_000}, {1200, 13_000}, {1040, 40_000}, {1040, 40_000}};
        try (NativeSocket socket = namespace.call(() -> NativeSocket.open(NativeSocket.AF_INET, NativeSocket.SOCK_DGRAM, 0))) {
            for (int[] each : sent) {
                sendTogether(socket, each[1], each[0] == 0 ? each[1] : each[0]);
                receiveCut(each[1], each[0] == 0 ? each[1] : each[0]);
            }
        }
        pool.free(hog, BUFFERS - buffers);
    }

    private static byte payloadByte(int i) {
        return (byte) (i * 31 + (i >> 8));
    }

    private void sendTogether(NativeSocket socket, int payload, int segment) {
        MemorySegment bytes = Arena.ofAuto().allocate(payload);
        for (int i = 0; i < payload; i++) {
            BigEndian.putByte(bytes, i, payloadByte(i));
        }
        OutgoingMessages messages = new OutgoingMessages();
        messages.begin();
        for (int at = 0; at < payload; at += segment) {
            messages.add(bytes.address() + at, Math.min(segment, payload - at), Sockaddr.of(InetAddress.ofLiteral("10.9.0.2"), 4000));
        }
        assertEquals(messages.messages(), socket.sendMany(messages.headers(), messages.messages(), 0));
    }

    private void receiveCut(int payload, int segment) {
        MemorySegment memory = pool.memory();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (int got = 0; got < payload;) {
            assertTrue(System.nanoTime() - deadline < 0, got + " bytes of " + payload + " came");
            burst.begin(Tables.EMPTY, memory, 0);
            port.receive(burst);
            for (int i = 0; i < burst.count; i++) {
                long frame = burst.offset[i];
                if (EthernetHeader.etherType(memory, frame) == EthernetHeader.ETHER_TYPE_IPV4) {
                    int length = Math.min(segment, payload - got);
                    assertEquals(UDP_PAYLOAD + length, burst.length[i]);
                    assertTrue(SuperFrames.isComplete(memory, frame, burst.length[i], true, IpProtocol.UDP));
                    for (int b = 0; b < length; b++) {
                        assertEquals(payloadByte(got + b), (byte) BigEndian.getByte(memory, frame + UDP_PAYLOAD + b));
                    }
                    got += length;
                }
            }
            pool.free(burst.buffer, burst.count);
        }
    }

    private boolean isOfTest(int i) {
        return burst.length[i] == UDP_PAYLOAD + 1000 && UdpHeader.destinationPort(pool.memory(), burst.offset[i] + UDP) == 4000;
    }

    /** Makes the copy of a datagram another one. */
    private static void renew(MemorySegment memory, long frame, int length, int number) {
        BigEndian.putByte(memory, frame + UDP_PAYLOAD, number);
        UdpHeader.length(memory, frame + UDP, UdpHeader.LENGTH + length);
        Ipv4Header.totalLength(memory, frame + IP, Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH + length);
        Ipv4Header.fillChecksum(memory, frame + IP);
        UdpHeader.checksum(memory, frame + UDP, 0);
        UdpHeader.checksum(memory, frame + UDP, InternetChecksum.asUdp(
                InternetChecksum.ofTransportIpv4(memory, frame + IP, IpProtocol.UDP, frame + UDP, UdpHeader.LENGTH + length)));
    }

    /** Changes places of source and destination everywhere; no checksum changes by that. */
    private static void turnAround(MemorySegment memory, long frame) {
        long mac = EthernetHeader.source(memory, frame);
        EthernetHeader.source(memory, frame, EthernetHeader.destination(memory, frame));
        EthernetHeader.destination(memory, frame, mac);
        int address = Ipv4Header.source(memory, frame + IP);
        Ipv4Header.source(memory, frame + IP, Ipv4Header.destination(memory, frame + IP));
        Ipv4Header.destination(memory, frame + IP, address);
        int udpPort = UdpHeader.sourcePort(memory, frame + UDP);
        UdpHeader.sourcePort(memory, frame + UDP, UdpHeader.destinationPort(memory, frame + UDP));
        UdpHeader.destinationPort(memory, frame + UDP, udpPort);
    }

    @Test
    void shouldCountFramesThatAnInterfaceWhichIsDownRefuses() throws IOException, InterruptedException {
        try (DatagramSocket socket = socket()) {
            socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress("10.9.0.2", 4000)));
            receiveUdp();
        }
        ip("link set wptap down");
        assertEquals(1, port.transmit(burst, new int[] {0}, 1));
        assertEquals(1, port.sendErrors());
        assertFalse(port.isGone());
    }

    @Test
    void shouldNoticeThatTheInterfaceIsGone() throws IOException, InterruptedException {
        ip("link delete wptap");
        burst.begin(Tables.EMPTY, pool.memory(), 0);
        assertEquals(0, port.receive(burst));
        assertTrue(port.isGone());
    }
}
