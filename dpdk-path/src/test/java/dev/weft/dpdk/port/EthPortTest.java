package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.counter.Counter;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthBurst;
import dev.weft.ffm.dpdk.EthDev;
import dev.weft.ffm.dpdk.Mbuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real DPDK ports: net_ring gives back by a queue what that one was given, net_null gives 64 packets whenever it is asked. */
@Tag("privileged")
class EthPortTest {

    private static final int BUFFERS = 511;

    private final Eal eal = Eal.start();
    private final MbufPool pool = new MbufPool(eal, BUFFERS, 2048);
    private final Burst burst = new Burst();

    @AfterEach
    void close() {
        assertEquals(BUFFERS, pool.available(), "every buffer is back");
        pool.close();
    }

    private EthDev ring(String name, int queues) {
        return EthDev.open(eal, "vdev", "net_ring_" + name, "", pool.mempool(), queues);
    }

    /** Sends packets of these lengths by one queue. */
    private void send(EthBurst queue, int... lengths) {
        long[] buffers = new long[lengths.length];
        assertEquals(lengths.length, pool.allocate(buffers, lengths.length));
        for (int i = 0; i < lengths.length; i++) {
            Mbuf.length(buffers[i], lengths[i]);
        }
        assertEquals(lengths.length, queue.transmit(buffers, lengths.length));
    }

    /** The lengths of what is received. */
    private List<Integer> receive(EthPort port) {
        burst.begin(Tables.EMPTY, pool.memory(), Ports.UPLINK);
        int received = port.receive(burst);
        assertEquals(burst.count, received);
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < burst.count; i++) {
            lengths.add(burst.length[i]);
        }
        pool.free(burst.buffer, burst.count);
        return lengths;
    }

    @Test
    void shouldReceiveFromAllQueuesEachInItsOrderAndInItsTurnFirst() {
        EthDev device = ring("turns", 3);
        try (EthPort port = new EthPort("uplink", device)) {
            for (int round = 0; round < 4; round++) {
                send(device.burst(0), 60, 61, 62);
                send(device.burst(2), 80, 81);
                assertEquals(round % 3 == 0 ? List.of(60, 61, 62, 80, 81) : List.of(80, 81, 60, 61, 62), receive(port));
            }
            assertEquals(List.of(), receive(port));
            assertEquals(List.of(new Counter("uplink", "rx-packets:queue0", 12), new Counter("uplink", "rx-packets:queue1", 0),
                    new Counter("uplink", "rx-packets:queue2", 8)), port.counters());
        }
    }

    @Test
    void shouldLetNoQueueKeepAnotherOut() {
        try (EthPort port = new EthPort("uplink", EthDev.open(eal, "vdev", "net_null_turns", "size=64", pool.mempool(), 2))) {
            for (int round = 0; round < 10; round++) {
                assertEquals(Burst.CAPACITY, receive(port).size());
            }
            assertEquals(List.of(5L * Burst.CAPACITY, 5L * Burst.CAPACITY), port.counters().stream().map(Counter::value).toList());
        }
    }

    @Test
    void shouldReceiveFromSeveralDevicesAndSendByTheFirst() {
        EthDev one = ring("one", 1);
        EthDev other = ring("other", 1);
        try (EthPort port = new EthPort("uplink", List.of(one, other), Optional.empty())) {
            send(one.burst(), 60);
            send(other.burst(), 70);
            assertEquals(List.of(60, 70), receive(port));
            long[] buffers = new long[1];
            assertEquals(1, pool.allocate(buffers, 1));
            burst.begin(Tables.EMPTY, pool.memory(), Ports.UPLINK);
            burst.add(buffers[0], pool.dataOffset(buffers[0]), 99);
            assertEquals(1, port.transmit(burst, new int[] {0}, 1));
            assertEquals(List.of(99), receive(port));
            assertEquals(List.of(2L, 1L), port.counters().stream().map(Counter::value).toList());
        }
    }

    @Test
    void shouldCountNothingTwiceWithOneQueue() {
        try (EthPort port = new EthPort("uplink", ring("alone", 1))) {
            assertEquals(List.of(), port.counters());
        }
    }
}
