package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is asked on the wire; expected frames are scapy's. */
class NeighborSolicitorTest {

    private static final int UPLINK = 4;

    @Test
    void shouldAskByArpAndProbeAlone() {
        assertAsks(UnderlayPackets.ipv4(false), UnderlayPackets.IPV4_B, UnderlayPackets.ARP_REQUEST_OF_A, UnderlayPackets.ARP_PROBE_OF_A);
    }

    @Test
    void shouldAskByNeighborDiscoveryAndProbeAlone() {
        assertAsks(UnderlayPackets.ipv6(false), UnderlayPackets.IPV6_B, UnderlayPackets.SOLICITATION_OF_A, UnderlayPackets.SOLICITATION_PROBE_OF_A);
    }

    private static void assertAsks(Underlay underlay, InetAddress peer, String toAll, String toIt) {
        NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(List.of(peer), 0);
        assertEquals(List.of(toAll), solicited(underlay, nextHops, 0, 8));
        assertEquals(List.of(), solicited(underlay, nextHops, 0, 8));

        nextHops.heard(AddressBits.high(peer), AddressBits.low(peer), UnderlayPackets.MAC_B.value(), 0);
        assertEquals(List.of(toIt), solicited(underlay, nextHops, NextHopTable.REACHABLE_TIME, 8));
    }

    @Test
    void shouldStopWhenThereIsNoBufferAndGoOnLater() {
        NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(List.of(InetAddress.ofLiteral("192.0.2.2"), InetAddress.ofLiteral("192.0.2.3"), InetAddress.ofLiteral("192.0.2.4")), 0);

        assertEquals(1, solicited(UnderlayPackets.ipv4(false), nextHops, 0, 1).size());
        assertEquals(1, solicited(UnderlayPackets.ipv4(false), nextHops, 0, 2).size());
        assertEquals(3, solicited(UnderlayPackets.ipv4(false), nextHops, NextHopTable.RETRANSMIT_TIME, 8).size());
    }

    @Test
    void shouldFillNoMoreThanABurst() {
        NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(IntStream.range(0, 100).mapToObj(i -> InetAddress.ofLiteral("192.0.2." + (i + 2))).toList(), 0);

        assertEquals(Burst.CAPACITY, solicited(UnderlayPackets.ipv4(false), nextHops, 0, 200).size());
        assertEquals(100 - Burst.CAPACITY, solicited(UnderlayPackets.ipv4(false), nextHops, 0, 200).size());
    }

    private static List<String> solicited(Underlay underlay, NextHopTable nextHops, long nanos, int buffers) {
        try (Buffers pool = new Buffers(buffers)) {
            Burst burst = new Burst();
            burst.begin(Tables.EMPTY, pool.memory(), UPLINK);
            int added = new NeighborSolicitor(underlay, nextHops, pool).solicit(burst, UPLINK, nanos);
            assertEquals(burst.count, added);
            return IntStream.range(0, burst.count).mapToObj(i -> {
                assertTrue(burst.isSend(i));
                assertEquals(UPLINK, burst.outPort[i]);
                return Packet.hex(burst.memory(), burst.offset[i], burst.length[i]);
            }).toList();
        }
    }

    /** As many buffers as are asked for, full of other things; what is taken is not given back. */
    private static final class Buffers implements PacketPool {
        private static final int SIZE = 256;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment memory;
        private int free;

        private Buffers(int count) {
            memory = arena.allocate((long) count * SIZE).fill((byte) 0xff);
            free = count;
        }

        @Override
        public MemorySegment memory() {
            return memory;
        }

        @Override
        public int dataRoom() {
            return SIZE - HEADROOM;
        }

        @Override
        public int allocate(long[] buffers, int count) {
            int taken = Math.min(count, free);
            for (int i = 0; i < taken; i++) {
                buffers[i] = --free * (long) SIZE;
            }
            return taken;
        }

        @Override
        public void free(long[] buffers, int count) {
            throw new UnsupportedOperationException("a solicitor frees nothing");
        }

        @Override
        public long dataOffset(long buffer) {
            return buffer + HEADROOM;
        }

        @Override
        public int available() {
            return free;
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
