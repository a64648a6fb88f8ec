package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.FreePort;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxSocketPortTest extends SocketPortContract {

    private static final int BUFFERS = 96;
    private static final int TOGETHER = 40;

    @Override
    Port open(PacketPool packetPool, InetAddress vtep, int overlayPort, int espPort) {
        return new LinuxSocketPort("uplink", packetPool, vtep, overlayPort, espPort, 1500);
    }

    /** The kernel carries equal lengths as one (UDP_SEGMENT, UDP_GRO); here with fewer buffers than datagrams, and a burst that fills up. */
    @Test
    void shouldTakeApartWhatTheKernelCarriedAsOne() throws IOException {
        int overlayPort = FreePort.udp();
        int espPort = FreePort.udp();
        ArenaPool receiving = new ArenaPool(BUFFERS, 2048);
        Burst burst = new Burst();
        try (Port from = open(sending, OTHER, overlayPort, espPort); Port to = open(receiving, PEER, overlayPort, espPort)) {
            for (int round = 0; round < 20; round++) {
                sendRun(from, round);
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                for (int got = 0; got < 60; got += burst.count) {
                    burst.begin(Tables.EMPTY, receiving.memory(), 0);
                    while (to.receive(burst) == 0) {
                        assertTrue(System.nanoTime() - deadline < 0, "datagram " + got + " of round " + round + " did not come");
                    }
                    for (int i = 0; i < burst.count; i++) {
                        assertEquals(length(got + i, round), burst.length[i]);
                        assertEquals((byte) (got + i), receiving.memory().get(ValueLayout.JAVA_BYTE, burst.offset[i]));
                        assertEquals((byte) (got + i), receiving.memory().get(ValueLayout.JAVA_BYTE, burst.offset[i] + burst.length[i] - 1));
                    }
                    receiving.free(burst.buffer, burst.count);
                }
            }
        }
        assertEquals(BUFFERS, receiving.available());
    }

    /** A burst has room for one and a half of what is sent at once. */
    @Test
    void shouldLeaveTogetherWhatTheKernelCarriedAsOne() throws IOException {
        int overlayPort = FreePort.udp();
        int espPort = FreePort.udp();
        ArenaPool receiving = new ArenaPool(2 * Burst.CAPACITY, 2048);
        Burst burst = new Burst();
        try (Port from = open(sending, OTHER, overlayPort, espPort); Port to = open(receiving, PEER, overlayPort, espPort)) {
            for (int n = 0; n < 3; n++) {
                send(from, new int[TOGETHER], _ -> 1440);
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            for (int got = 0; got < 3; got++) {
                burst.begin(Tables.EMPTY, receiving.memory(), 0);
                while (to.receive(burst) == 0) {
                    assertTrue(System.nanoTime() - deadline < 0, "message " + got + " did not come");
                }
                assertEquals(TOGETHER, burst.count);
                receiving.free(burst.buffer, burst.count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4 * Burst.CAPACITY, BUFFERS})
    void shouldReceiveWhateverComesAfterWhateverCame(int buffers) throws IOException {
        int overlayPort = FreePort.udp();
        int espPort = FreePort.udp();
        int[][] messages = {{20, 1440}, {20, 1440}, {1, 1440}, {1, 100}, {7, 1440}, {1, 1472}, {20, 1300}, {20, 1300},
            {30, 100}, {20, 1440}, {20, 1400}, {1, 1}};
        ArenaPool receiving = new ArenaPool(buffers, 2048);
        Burst burst = new Burst();
        try (Port from = open(sending, OTHER, overlayPort, espPort); Port to = open(receiving, PEER, overlayPort, espPort)) {
            for (int[] message : messages) {
                send(from, new int[message[0]], n -> n == message[0] - 1 && n > 2 ? message[1] - 9 : message[1]);
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                for (int got = 0; got < message[0]; got += burst.count) {
                    burst.begin(Tables.EMPTY, receiving.memory(), 0);
                    while (to.receive(burst) == 0) {
                        assertTrue(System.nanoTime() - deadline < 0, got + " of " + message[0] + " came");
                    }
                    for (int i = 0; i < burst.count; i++) {
                        int n = got + i;
                        int length = n == message[0] - 1 && n > 2 ? message[1] - 9 : message[1];
                        assertEquals(length, burst.length[i]);
                        assertTrue(isAll(receiving, burst.offset[i], length, (byte) n), "datagram " + n);
                    }
                    receiving.free(burst.buffer, burst.count);
                }
            }
        }
        assertEquals(buffers, receiving.available());
    }

    private static boolean isAll(ArenaPool pool, long offset, int length, byte value) {
        byte[] bytes = pool.memory().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        for (byte each : bytes) {
            if (each != value) {
                return false;
            }
        }
        return true;
    }

    /** Runs of 1440, each with a shorter one at its end; sometimes longer than all that is left of the pool. */
    private static int length(int n, int round) {
        return n % (round + 2) == round + 1 ? 100 + n : 1440;
    }

    private void sendRun(Port from, int round) {
        send(from, new int[60], n -> length(n, round));
    }

    private void send(Port from, int[] slots, IntUnaryOperator length) {
        Burst burst = new Burst();
        burst.begin(tables, sending.memory(), 0);
        for (int n = 0; n < slots.length; n++) {
            slots[n] = add(burst, length.applyAsInt(n), n);
        }
        assertEquals(slots.length, from.transmit(burst, slots, slots.length));
        assertEquals(0, from.sendErrors());
    }

    private int add(Burst burst, int length, int value) {
        long[] buffer = new long[1];
        assertEquals(1, sending.allocate(buffer, 1));
        int i = burst.add(buffer[0], sending.dataOffset(buffer[0]), length);
        sending.memory().asSlice(burst.offset[i], length).fill((byte) value);
        burst.peer[i] = 0;
        return i;
    }
}
