package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaLimit;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.SecurityAssociations;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.Ports;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten million packets through all outbound stages into ESP, and back through ESP to the stage that sees that the other node sent what this
 * one should have.
 */
@Tag("privileged")
class EspNoAllocationTest {

    private static final long PACKETS = 10_000_000;
    private static final long WARM_UP = 2_000_000;
    private static final int BUFFERS = 1024;
    private static final int OUTBOUND_UDP = 4;
    private static final int INBOUND_ARP = 0;
    private static final int SPI = 0x1234;
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Ports ports = new Ports();
    private final MirrorPort uplink = new MirrorPort("uplink", pool);
    private final MirrorPort endpoint = new MirrorPort("endpoint", pool);

    /** @param workers that seal and open; 0: the thread that does all else */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void shouldAllocateNothingWithIpsecMb(int workers) throws IOException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Poller poller = poller(new PipelineSpec(workers, false));
        List<Thread> others = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("weft-worker") && !before.contains(thread)).toList();
        assertEquals(workers, others.size());
        uplink.frame = inNativeMemory(FramePort.frames("inbound.txt").get(INBOUND_ARP));
        poller.step();
        uplink.frame = null;
        endpoint.frame = inNativeMemory(FramePort.frames("outbound.txt").get(OUTBOUND_UDP));
        run(poller, WARM_UP);
        AllocatedBytes.assertNone(() -> run(poller, PACKETS), others);
        assertTrue(new CounterSnapshot(ports.snapshot()).dropped(DropReason.SOURCE_MAC_MISMATCH) >= PACKETS, "all were sealed and opened");
        endpoint.frame = null;
        poller.end();
    }

    private static MemorySegment inNativeMemory(byte[] bytes) {
        MemorySegment frame = Arena.ofAuto().allocate(bytes.length);
        frame.copyFrom(MemorySegment.ofArray(bytes));
        return frame;
    }

    private Poller poller(PipelineSpec pipeline) {
        // One key for both ways, which only this mirror may have.
        PeerSecurity peer = new PeerSecurity(OTHER, Cipher.AES_128_GCM, false, List.of(EspPackets.sa(SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT)),
                Optional.of(EspPackets.sa(SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT)));
        return OverlayFixture.poller(ports, pool, uplink, endpoint,
                OverlayFixture.encrypted(new SecurityAssociations(GcmEngines.open("ipsec-mb"), Math.max(1, pipeline.workers()))
                        .install(List.of(peer))), pipeline);
    }

    private void run(Poller poller, long packets) {
        long target = uplink.mirrored + packets;
        while (uplink.mirrored < target) {
            poller.step();
        }
    }

    /** Receives one frame again and again while it has one; what is sent through it comes back as if the receiver had sent it. */
    private static final class MirrorPort implements Port {
        private final String name;
        private final ArenaPool pool;
        private final long[] allocated = new long[Burst.CAPACITY];
        private final long[] buffers = new long[BUFFERS];
        private final long[] offsets = new long[BUFFERS];
        private final int[] lengths = new int[BUFFERS];
        private int held;
        private long mirrored;
        private MemorySegment frame;

        MirrorPort(String name, ArenaPool pool) {
            this.name = name;
            this.pool = pool;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int receive(Burst burst) {
            int before = burst.count;
            while (held > 0 && burst.count < Burst.CAPACITY) {
                held--;
                burst.add(buffers[held], offsets[held], lengths[held]);
            }
            int count = frame == null ? 0 : pool.allocate(allocated, 32);
            for (int i = 0; i < count; i++) {
                long offset = pool.dataOffset(allocated[i]);
                MemorySegment.copy(frame, ValueLayout.JAVA_BYTE, 0, pool.memory(), ValueLayout.JAVA_BYTE, offset, frame.byteSize());
                burst.add(allocated[i], offset, (int) frame.byteSize());
            }
            return burst.count - before;
        }

        @Override
        public int transmit(Burst burst, int[] slots, int count) {
            for (int i = 0; i < count; i++) {
                MemorySegment memory = burst.memory();
                long offset = burst.offset[slots[i]];
                long destination = EthernetHeader.destination(memory, offset);
                EthernetHeader.destination(memory, offset, EthernetHeader.source(memory, offset));
                EthernetHeader.source(memory, offset, destination);
                long ip = offset + EthernetHeader.LENGTH;
                int from = Ipv4Header.source(memory, ip);
                Ipv4Header.source(memory, ip, Ipv4Header.destination(memory, ip));
                Ipv4Header.destination(memory, ip, from);
                buffers[held] = burst.buffer[slots[i]];
                offsets[held] = offset;
                lengths[held] = burst.length[slots[i]];
                held++;
                mirrored++;
            }
            return count;
        }

        @Override
        public void close() {
        }
    }
}
