package dev.weft.ffm.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real DPDK ports that need no hardware. */
@Tag("privileged")
class EthBurstTest {

    private final Eal eal = Eal.start();

    @Test
    void shouldBeOneForTheProcess() {
        assertSame(eal, Eal.start());
    }

    @Test
    void shouldGetBackFromARingWhatWasSent() {
        try (Mempool pool = Mempool.create(eal, 255, 2048); EthDev ring = EthDev.open(eal, "vdev", "net_ring_test", "", pool)) {
            EthBurst burst = ring.burst();
            long[] sent = new long[EthBurst.MOST];
            long[] received = new long[EthBurst.MOST];
            for (int round = 0; round < 1000; round++) {
                assertTrue(pool.take(sent, EthBurst.MOST));
                for (long mbuf : sent) {
                    Mbuf.reset(mbuf, eal.abi());
                    Mbuf.length(mbuf, 60 + round % 1000);
                    Mbuf.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, Mbuf.data(mbuf), mbuf ^ round);
                }
                assertEquals(EthBurst.MOST, burst.transmit(sent, EthBurst.MOST));
                assertEquals(EthBurst.MOST, burst.receive(received, 0, EthBurst.MOST));
                assertArrayEquals(sent, received);
                assertTrue(Arrays.stream(received).allMatch(mbuf -> Mbuf.segments(mbuf) == 1));
                assertEquals(60 + round % 1000, Mbuf.dataLength(received[7]));
                assertEquals(received[7] ^ round, Mbuf.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, Mbuf.data(received[7])));
                pool.give(received, 0, EthBurst.MOST);
            }
            assertEquals(255, pool.available());
            assertEquals(0, burst.receive(received, 0, EthBurst.MOST));
        }
    }

    @Test
    void shouldKeepQueuesApart() {
        try (Mempool pool = Mempool.create(eal, 255, 2048); EthDev ring = EthDev.open(eal, "vdev", "net_ring_queues", "", pool, 3)) {
            EthBurst[] bursts = {ring.burst(0), ring.burst(1), ring.burst(2)};
            long[][] sent = {new long[1], new long[2], new long[3]};
            for (int queue = 0; queue < 3; queue++) {
                assertTrue(pool.take(sent[queue], queue + 1));
                assertEquals(queue + 1, bursts[queue].transmit(sent[queue], queue + 1));
            }
            for (int queue = 0; queue < 3; queue++) {
                long[] received = new long[queue + 1];
                assertEquals(queue + 1, bursts[queue].receive(received, 0, queue + 1));
                assertArrayEquals(sent[queue], received);
                assertEquals(0, bursts[queue].receive(new long[1], 0, 1));
                pool.give(received, 0, queue + 1);
            }
        }
    }

    @Test
    void shouldAskForWhatTellsOverlayFlowsApart() {
        try (Mempool pool = Mempool.create(eal, 255, 2048); EthDev one = EthDev.open(eal, "vdev", "net_null_one", "", pool, 1);
                EthDev two = EthDev.open(eal, "vdev", "net_null_two", "", pool, 2)) {
            assertEquals("", one.rss());
            assertEquals("ipv4 ipv4-udp ipv6 ipv6-udp", two.rss(), "net_null offers no ESP");
        }
    }

    @Test
    void shouldRefuseMoreQueuesThanADeviceHas() {
        try (Mempool pool = Mempool.create(eal, 31, 2048)) {
            for (int i = 0; i < 2; i++) {
                WeftException refused = assertThrows(WeftException.DataPathUnavailable.class,
                        () -> EthDev.open(eal, "vdev", "net_ring_few", "", pool, 17));
                assertTrue(refused.getMessage().contains("17 queues") && refused.getMessage().contains("has 16 to receive"), refused.getMessage());
            }
        }
    }

    @Test
    void shouldReceiveFromANullPortAndGiveItEverything() {
        try (Mempool pool = Mempool.create(eal, 255, 2048); EthDev device = EthDev.open(eal, "vdev", "net_null_test", "size=64", pool)) {
            EthBurst burst = device.burst();
            long[] mbufs = new long[32];
            assertEquals(32, burst.receive(mbufs, 0, 32));
            assertEquals(64, Mbuf.dataLength(mbufs[0]));
            assertEquals(32, burst.transmit(mbufs, 32), "net_null frees what it is given");
            assertEquals(255, pool.available());
            assertEquals(1500, device.mtu());
        }
    }

    @Test
    void shouldGiveAllBuffersOrNone() {
        try (Mempool pool = Mempool.create(eal, 31, 2048)) {
            long[] mbufs = new long[32];
            assertFalse(pool.take(mbufs, 32));
            assertTrue(pool.take(mbufs, 31));
            pool.give(mbufs, 0, 31);
        }
    }

    @Test
    void shouldRefuseADeviceThatDoesNotExistAndLeaveNothingOfIt() {
        try (Mempool pool = Mempool.create(eal, 31, 2048)) {
            for (int i = 0; i < 2; i++) {
                WeftException refused = assertThrows(WeftException.DataPathUnavailable.class,
                        () -> EthDev.open(eal, "vdev", "net_af_packet_test", "iface=wd-nowhere", pool));
                assertTrue(refused.getMessage().contains("wd-nowhere"), refused.getMessage());
            }
        }
    }
}
