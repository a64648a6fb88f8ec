package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.Counter;
import dev.weft.api.counter.CounterSnapshot;
import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Poller;
import dev.weft.dpdk.port.ArenaPool;
import dev.weft.dpdk.port.Ports;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million packets with random faults, in both directions through all stages: each is delivered or counted, and none is lost. */
class MutatedPacketsTest {

    private static final int PACKETS = 1_000_000;
    private static final int BUFFERS = 256;
    private static final long SEED = 20_261_124;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final ArenaPool pool = new ArenaPool(BUFFERS, 2048);
    private final Ports ports = new Ports();

    @Test
    void shouldDeliverOrCountEachAndLoseNoBuffer() throws IOException {
        FramePort uplink = new FramePort("uplink", pool, FramePort.frames("inbound.txt"), this::mutate);
        FramePort endpoint = new FramePort("endpoint", pool, FramePort.frames("outbound.txt"), this::mutate);
        Poller poller = OverlayFixture.poller(ports, pool, uplink, endpoint, OverlayFixture.tables());
        uplink.feed(PACKETS / 2);
        endpoint.feed(PACKETS / 2);
        long steps = 0;
        while (poller.step() > 0) {
            steps++;
        }
        CounterSnapshot counters = new CounterSnapshot(ports.snapshot());
        assertEquals(PACKETS, counters.total("rx-packets"));
        long dropped = counters.counters().stream().filter(counter -> counter.name().startsWith("drop:")).mapToLong(Counter::value).sum();
        // The poller itself asks for next hops: what it sent so was never received.
        long asked = uplink.delivered() + endpoint.delivered() + dropped - PACKETS;
        assertTrue(asked >= 0 && asked <= steps, "delivered " + uplink.delivered() + " and " + endpoint.delivered() + ", dropped " + dropped);
        assertEquals(0, counters.dropped(DropReason.UNFINISHED), "no stage forgets a packet or throws");
        assertEquals(BUFFERS, pool.available());
        for (DropReason reason : List.of(DropReason.TRUNCATED, DropReason.MALFORMED, DropReason.BAD_CHECKSUM, DropReason.UNKNOWN_VNI,
                DropReason.VNI_FLAG_CLEAR, DropReason.UNKNOWN_VTEP, DropReason.SOURCE_MAC_MISMATCH, DropReason.SPOOFED, DropReason.UNKNOWN_UNICAST,
                DropReason.BROADCAST, DropReason.NEIGHBOR_UNKNOWN, DropReason.NOT_FOR_US, DropReason.FRAGMENT)) {
            assertTrue(counters.dropped(reason) > 0, reason + " was met");
        }
        assertTrue(uplink.delivered() > PACKETS / 20 && endpoint.delivered() > PACKETS / 20, "most changes leave a packet that is one");
    }

    /** One packet in four as it is; else bits are flipped, bytes cut off, or a word is overwritten with an extreme. */
    private byte[] mutate(byte[] frame) {
        byte[] changed = frame.clone();
        switch (random.nextInt(4)) {
            case 1 -> {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    changed[random.nextInt(Math.min(changed.length, 120))] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 2 -> changed = java.util.Arrays.copyOf(changed, random.nextInt(changed.length + 1));
            case 3 -> {
                int at = random.nextInt(Math.min(changed.length, 120) - 1);
                changed[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                changed[at + 1] = (byte) random.nextInt(256);
            }
            default -> { }
        }
        return changed;
    }
}
