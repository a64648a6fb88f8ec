package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.CounterSnapshot;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.InProcessPort;
import dev.weft.dpdk.port.LinuxSocketPort;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.stage.Transmit;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two sockets and an in-process endpoint, in rounds that are run by hand; what is received goes nowhere. */
class TurnsTest {

    private static final InetAddress US = InetAddress.ofLiteral("127.0.0.2");
    private static final int FIRST = Ports.UPLINK;
    private static final int SECOND = Ports.FIRST_ENDPOINT;
    private static final int INSIDE = Ports.FIRST_ENDPOINT + 1;
    /** More than pass between two looks at quiet ports. */
    private static final int FEW = 20;
    /** Datagrams in one burst that are bulk. */
    private static final int BULK = 32;

    private final Wakeup wakeup = Wakeup.create();
    private final ArenaPool pool = new ArenaPool(1024, 2048);
    private final Ports ports = new Ports();
    private long nanos;
    private final Poller poller = new Poller(ports, new FusedPipeline(List.of(), List.of(), new Transmit(ports, pool)), pool, () -> nanos, List.of(),
            wakeup);
    private final Asked first = new Asked("first");
    private final Asked second = new Asked("second");
    private final InProcessPort inside = new InProcessPort("inside", pool, 1514, wakeup);
    private DatagramSocket sender;

    /** A socket's port that counts how often it is asked. */
    private final class Asked implements Port {
        private final String name;
        private final int overlayPort = FreePort.udp();
        private final int espPort = FreePort.udp();
        private final LinuxSocketPort port;
        private int times;

        Asked(String name) {
            this.name = name;
            port = new LinuxSocketPort(name, pool, US, overlayPort, espPort, 1500);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Optional<int[]> descriptors() {
            return port.descriptors();
        }

        @Override
        public int receive(Burst burst) {
            times++;
            return port.receive(burst);
        }

        @Override
        public int transmit(Burst burst, int[] slots, int count) {
            return port.transmit(burst, slots, count);
        }

        @Override
        public void close() {
            port.close();
        }
    }

    @BeforeEach
    void begin() throws IOException {
        sender = new DatagramSocket();
        poller.addPort(FIRST, first);
        poller.addPort(SECOND, second);
        poller.addPort(INSIDE, inside);
        poller.step();
    }

    /** From here on packets come in bulk. */
    private void carryBulk() throws IOException {
        for (int datagram = 0; datagram < BULK; datagram++) {
            send(first.espPort, 1000);
        }
        for (int round = 0; round < FEW; round++) {
            poller.step();
        }
        assertEquals(BULK, received("first"));
        assertTrue(poller.isBulk());
    }

    @AfterEach
    void end() {
        poller.end();
        sender.close();
        wakeup.close();
    }

    /** On the loopback interface it is in the receiver's queue when this returns. */
    private void send(int port) throws IOException {
        send(port, 100);
    }

    private void send(int port, int bytes) throws IOException {
        sender.send(new DatagramPacket(new byte[bytes], bytes, US, port));
    }

    private long received(String name) {
        return new CounterSnapshot(ports.snapshot()).value(name, "rx-packets");
    }

    @Test
    void shouldNotAskSocketsThatHaveNothing() throws IOException {
        carryBulk();
        int before = first.times + second.times;

        for (int round = 0; round < 1000; round++) {
            assertEquals(0, poller.step());
        }

        assertEquals(before, first.times + second.times);
    }

    @Test
    void shouldReceiveInTheNextRoundWhenNothingElseHappens() throws IOException {
        carryBulk();
        for (int datagram = 1; datagram <= 20; datagram++) {
            send(datagram % 2 == 0 ? first.overlayPort : first.espPort);
            assertEquals(1, poller.step());
            assertEquals(BULK + datagram, received("first"));
            for (int round = 0; round < datagram; round++) {
                assertEquals(0, poller.step());
            }
        }
    }

    @Test
    void shouldNotForgetAQuietSocketWhileAnotherIsBusy() throws IOException {
        carryBulk();
        for (int datagram = 1; datagram <= 20; datagram++) {
            send(second.espPort);
            for (int round = 0; round < FEW; round++) {
                send(first.espPort);
                assertTrue(poller.step() > 0);
            }
            assertEquals(datagram, received("second"));
        }
        assertTrue(second.times < first.times, "asked as often as the busy one");
    }

    /** Both of a port's sockets: what is encrypted must not keep out what is not. */
    @Test
    void shouldReceiveFromBothSocketsOfAPort() throws IOException {
        for (int round = 1; round <= 10 * FEW; round++) {
            send(first.espPort);
            if (round % (2 * FEW) == 0) {
                send(first.overlayPort);
            }
            assertTrue(poller.step() > 0);
        }
        for (int round = 0; round < FEW; round++) {
            poller.step();
        }
        assertEquals(10 * FEW + 5, received("first"));
    }

    @Test
    void shouldAskAnEndpointOfThisProcessInEachRound() throws IOException {
        carryBulk();
        for (int frame = 1; frame <= FEW; frame++) {
            send(first.espPort);
            assertTrue(inside.channel().tryClaim(60));
            inside.channel().commit();
            assertEquals(2, poller.step());
            assertEquals(frame, received("inside"));
        }
    }

    @Test
    void shouldAskAllInEachRoundWhenNothingCameInBulkForAWhile() throws IOException {
        carryBulk();
        for (int tick = 0; tick < 3; tick++) {
            nanos += Duration.ofMillis(100).toNanos();
            poller.step();
        }
        int before = second.times;

        for (int round = 0; round < FEW; round++) {
            poller.step();
        }

        assertEquals(before + FEW, second.times);
    }

    /** To sleep sooner would lose some of them. */
    @Test
    void shouldNotTakeManySmallDatagramsForBulk() throws IOException {
        for (int datagram = 0; datagram < BULK; datagram++) {
            send(first.espPort);
        }
        assertEquals(BULK, poller.step());
        assertFalse(poller.isBulk());
    }

    /** A port may keep a packet for which it had no buffer: no descriptor tells of that. */
    @Test
    void shouldAskAllOfThemTenTimesASecond() throws IOException {
        carryBulk();
        poller.step();
        int before = second.times;
        nanos += Duration.ofMillis(100).toNanos();
        poller.step();
        assertEquals(before, second.times);
        poller.step();
        poller.step();
        assertEquals(before + 1, second.times);
    }
}
