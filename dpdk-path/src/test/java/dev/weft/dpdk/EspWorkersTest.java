package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.dpdk.pipeline.Burst;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several threads seal and open. The oracle is the fused pipeline: of the same packets both make the same, in the same order. */
class EspWorkersTest {

    private static final long SEED = 20261126;
    private static final int PACKETS = 10_000;

    private final EspNode sender = new EspNode(1, new PipelineSpec(3, false));
    private final EspNode fused = new EspNode(2, PipelineSpec.DEFAULT);
    private final EspNode spread = new EspNode(2, new PipelineSpec(2, false));
    private final Random random = new Random(SEED);

    @BeforeEach
    void open() {
        sender.apply(EspPackets.sender(sa(), false));
        fused.apply(EspPackets.receiver(sa()));
        spread.apply(EspPackets.receiver(sa()));
        sender.hear(2);
    }

    private static SecurityAssociation sa() {
        return EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
    }

    @AfterEach
    void close() {
        sender.close();
        fused.close();
        spread.close();
    }

    private List<byte[]> sealed(int count) {
        sender.uplink.sent.clear();
        for (int i = 0; i < count; i++) {
            sender.say(2, random.nextInt(1389));
        }
        sender.run();
        assertEquals(count, sender.uplink.sent.size());
        return List.copyOf(sender.uplink.sent);
    }

    private record Arrival(int time, byte[] frame) {
    }

    /** Some come late, some again; there are some that are forged, of nobody, and cut off. */
    private List<byte[]> disturbed(List<byte[]> frames) {
        List<Arrival> wire = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            int later = i + random.nextInt(300);
            int what = random.nextInt(10);
            wire.add(new Arrival(what == 0 ? later : i, frame));
            switch (what) {
                case 1 -> wire.add(new Arrival(later, frame));
                case 2 -> wire.add(new Arrival(later, EspPackets.withSequence(frame, 1 << 24 | random.nextInt(1 << 24))));
                case 3 -> wire.add(new Arrival(later, EspPackets.flipped(frame, EspPackets.ESP * 8 + random.nextInt(32))));
                case 4 -> wire.add(new Arrival(later, EspPackets.withPayload(frame, new byte[random.nextInt(40)])));
                default -> { }
            }
        }
        return wire.stream().sorted(Comparator.comparingInt(Arrival::time)).map(Arrival::frame).toList();
    }

    private void assertSame(List<byte[]> wire) {
        for (EspNode receiver : List.of(fused, spread)) {
            receiver.uplink.incoming.addAll(wire);
            receiver.run();
            assertEquals(EspNode.BUFFERS, receiver.available());
        }
        assertEquals(fused.endpoint.sent.size(), spread.endpoint.sent.size());
        for (int i = 0; i < fused.endpoint.sent.size(); i++) {
            assertArrayEquals(fused.endpoint.sent.get(i), spread.endpoint.sent.get(i), "packet " + i);
        }
        for (DropReason reason : DropReason.values()) {
            assertEquals(fused.dropped(reason), spread.dropped(reason), reason.toString());
        }
        assertEquals(fused.usage(EspPackets.SPI), spread.usage(EspPackets.SPI));
    }

    @Test
    void shouldMakeTheSameInTheSameOrderOfWhatComesTwiceForgedAndLate() {
        List<byte[]> wire = disturbed(sealed(PACKETS));
        assertSame(wire);
        assertEquals(PACKETS, spread.endpoint.sent.size());
        assertEquals(wire.size() - PACKETS, List.of(DropReason.REPLAYED, DropReason.ICV_MISMATCH, DropReason.UNKNOWN_SPI, DropReason.TRUNCATED,
                DropReason.MALFORMED).stream().mapToLong(spread::dropped).sum());
        assertFalse(spread.dropped(DropReason.REPLAYED) == 0 || spread.dropped(DropReason.ICV_MISMATCH) == 0, "seed " + SEED);
    }

    @Test
    void shouldTakeOneOfManyThatAreUnderWayAtOnce() {
        byte[] frame = sealed(1).getFirst();
        List<byte[]> wire = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            wire.add(frame);
        }
        assertSame(wire);
        assertEquals(1, spread.endpoint.sent.size());
        assertEquals(899, spread.dropped(DropReason.REPLAYED));
        assertEquals(1, spread.usage(EspPackets.SPI).packets());
    }

    @Test
    void shouldLeaveKeysToWhatIsUnderWay() {
        int before = 0;
        for (int round = 0; round < 50; round++) {
            List<byte[]> frames = sealed(300);
            spread.apply(EspPackets.receiver(sa()));
            spread.uplink.incoming.addAll(frames);
            spread.step();
            spread.step();
            spread.apply();
            spread.run();
            int delivered = spread.endpoint.sent.size() - before;
            assertTrue(delivered >= 2 * Burst.CAPACITY, delivered + " were under way");
            before += delivered;
        }
        assertEquals(50 * 300 - before, spread.dropped(DropReason.UNKNOWN_SPI));
        assertEquals(0, spread.dropped(DropReason.UNFINISHED));
    }
}
