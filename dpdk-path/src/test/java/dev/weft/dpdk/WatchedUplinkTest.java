package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.EthPort;
import dev.weft.dpdk.port.MbufPool;
import dev.weft.dpdk.port.Ports;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.EthDev;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A DPDK port that is watched; net_ring gives back what it is given. */
@Tag("privileged")
class WatchedUplinkTest {

    private static final int FRAMES = 20;
    private static final int LONGEST = 1514;

    private final Eal eal = Eal.start();
    private final MbufPool pool = new MbufPool(eal, 255, 2048);
    private final EthPort ring = new EthPort("uplink", EthDev.open(eal, "vdev", "net_ring_watched", "", pool.mempool()));
    private final Burst burst = new Burst();

    @Test
    void shouldShowWhatIsSentAndReceivedToOneWatcher() throws IOException {
        byte[] frame = FramePort.frames("inbound.txt").getFirst();
        try (UplinkCapture capture = ring.watch(LONGEST).orElseThrow()) {
            assertThrows(WeftException.DataPathFailed.class, () -> ring.watch(LONGEST));
            send(frame);
            assertEquals(FRAMES, seen(capture, frame), "given to the ring");
            receive();
            assertEquals(FRAMES, seen(capture, frame), "taken from it");
        }
        try (UplinkCapture again = ring.watch(LONGEST).orElseThrow()) {
            assertEquals(0, seen(again, frame));
        }
        ring.close();
        assertEquals(255, pool.available());
        pool.close();
    }

    private void send(byte[] frame) {
        long[] buffers = new long[FRAMES];
        assertEquals(FRAMES, pool.allocate(buffers, FRAMES));
        burst.begin(OverlayFixture.tables(), pool.memory(), Ports.UPLINK);
        for (long buffer : buffers) {
            MemorySegment.copy(frame, 0, pool.memory(), ValueLayout.JAVA_BYTE, pool.dataOffset(buffer), frame.length);
            burst.add(buffer, pool.dataOffset(buffer), frame.length);
        }
        assertEquals(FRAMES, ring.transmit(burst, IntStream.range(0, FRAMES).toArray(), FRAMES));
    }

    private void receive() {
        burst.begin(OverlayFixture.tables(), pool.memory(), Ports.UPLINK);
        assertEquals(FRAMES, ring.receive(burst));
        pool.free(burst.buffer, burst.count);
    }

    private static int seen(UplinkCapture capture, byte[] frame) {
        List<byte[]> seen = new ArrayList<>();
        capture.poll(packet -> seen.add(packet.toArray(ValueLayout.JAVA_BYTE)), Duration.ZERO);
        assertTrue(seen.stream().allMatch(each -> Arrays.equals(each, frame)));
        return seen.size();
    }
}
