package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.CounterSnapshot;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten million packets each way over real DPDK ports: from an endpoint through all outbound stages into net_ring, and from the
 * uplink through all inbound stages into net_null.
 */
@Tag("privileged")
class NoAllocationTest {

    private static final long PACKETS = 10_000_000;
    private static final long WARM_UP = 2_000_000;
    private static final int BUFFERS = 4095;
    private static final int OUTBOUND_UDP = 4;
    private static final int INBOUND_ARP = 0;
    private static final int INBOUND_UDP = 2;

    private final Eal eal = Eal.start();
    private final MbufPool pool = new MbufPool(eal, BUFFERS, 2048);
    private final Ports ports = new Ports();

    @Test
    void shouldAllocateNothingOutbound() throws IOException {
        EthPort ring = new EthPort("uplink", EthDev.open(eal, "vdev", "net_ring_alloc", "", pool.mempool()));
        RepeatingPort endpoint = new RepeatingPort("endpoint", pool, FramePort.frames("outbound.txt").get(OUTBOUND_UDP));
        Poller poller = OverlayFixture.poller(ports, pool, ring, endpoint, OverlayFixture.tables());
        sayWhereTheOtherVtepIs(ring);
        assertNothingAllocated(poller, endpoint);
        assertTrue(sent("uplink") >= PACKETS, "all went out by the ring");
    }

    /** net_ring gives back what it is given: the other node's question tells its MAC. */
    private void sayWhereTheOtherVtepIs(EthPort ring) throws IOException {
        RepeatingPort other = new RepeatingPort("other", pool, FramePort.frames("inbound.txt").get(INBOUND_ARP));
        Burst burst = new Burst();
        burst.begin(OverlayFixture.tables(), pool.memory(), Ports.UPLINK);
        other.receive(burst);
        int[] slots = java.util.stream.IntStream.range(0, burst.count).toArray();
        assertEquals(burst.count, ring.transmit(burst, slots, burst.count));
    }

    @Test
    void shouldAllocateNothingInbound() throws IOException {
        EthPort nothing = new EthPort("endpoint", EthDev.open(eal, "vdev", "net_null_alloc", "no-rx=1", pool.mempool()));
        RepeatingPort uplink = new RepeatingPort("uplink", pool, FramePort.frames("inbound.txt").get(INBOUND_UDP));
        // Asking for a next hop, once a second while nobody answers, is no packet's path and allocates; here somebody has answered.
        Poller poller = OverlayFixture.poller(ports, pool, uplink, nothing, OverlayFixture.tables());
        uplink.frame(FramePort.frames("inbound.txt").get(INBOUND_ARP));
        run(poller, uplink, WARM_UP);
        uplink.frame(FramePort.frames("inbound.txt").get(INBOUND_UDP));
        assertNothingAllocated(poller, uplink);
        assertTrue(sent("endpoint") >= PACKETS, "all arrived");
    }

    private long sent(String port) {
        return new CounterSnapshot(ports.snapshot()).value(port, "tx-packets");
    }

    private void assertNothingAllocated(Poller poller, RepeatingPort source) {
        try {
            run(poller, source, WARM_UP);
            AllocatedBytes.assertNone(() -> run(poller, source, PACKETS));
        } finally {
            source.silent = true;
            while (poller.step() > 0) {
                continue; // until the ring is empty: closing it would not free what is in it
            }
            poller.end();
            assertEquals(BUFFERS, pool.available());
            pool.close();
        }
    }

    private static void run(Poller poller, RepeatingPort source, long packets) {
        long target = source.received + packets;
        while (source.received < target) {
            poller.step();
        }
    }

    /** Receives one frame again and again. */
    private static final class RepeatingPort implements Port {
        private final String name;
        private final MbufPool pool;
        private MemorySegment frame;
        private final long[] buffers = new long[Burst.CAPACITY];
        private long received;
        private boolean silent;

        RepeatingPort(String name, MbufPool pool, byte[] bytes) {
            this.name = name;
            this.pool = pool;
            frame(bytes);
        }

        void frame(byte[] bytes) {
            frame = Arena.ofAuto().allocate(bytes.length);
            frame.copyFrom(MemorySegment.ofArray(bytes));
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int receive(Burst burst) {
            int count = silent ? 0 : pool.allocate(buffers, 32);
            for (int i = 0; i < count; i++) {
                long offset = pool.dataOffset(buffers[i]);
                MemorySegment.copy(frame, ValueLayout.JAVA_BYTE, 0, pool.memory(), ValueLayout.JAVA_BYTE, offset, frame.byteSize());
                burst.add(buffers[i], offset, (int) frame.byteSize());
            }
            received += count;
            return count;
        }

        @Override
        public int transmit(Burst burst, int[] slots, int count) {
            for (int i = 0; i < count; i++) {
                buffers[i] = burst.buffer[slots[i]];
            }
            pool.free(buffers, count);
            return count;
        }

        @Override
        public void close() {
        }
    }
}
