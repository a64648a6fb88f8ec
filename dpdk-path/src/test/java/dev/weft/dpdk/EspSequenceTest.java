package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.dpdk.esp.ReplayWindow;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sequence numbers, which are the IVs: none is used twice, none is taken twice, and they go past 2^32. */
class EspSequenceTest extends EspPair {

    @Test
    void shouldTakeWhatIsLateWithinTheWindowAndNothingLeftOfIt() {
        int late = 100;
        List<byte[]> frames = sealed(ReplayWindow.SIZE + late, 20);
        assertEquals(ReplayWindow.SIZE + late, frames.size());
        for (byte[] frame : frames.reversed()) {
            receive(frame);
        }
        assertEquals(ReplayWindow.SIZE, receiver.endpoint.sent.size());
        // Their low half is left of the window, so they are taken for ones of the next 2^32, whose ICV is another (RFC 4303, A2).
        assertEquals(late, receiver.dropped(DropReason.ICV_MISMATCH));
        frames.forEach(this::receive);
        assertEquals(ReplayWindow.SIZE, receiver.endpoint.sent.size());
        assertEquals(ReplayWindow.SIZE, receiver.dropped(DropReason.REPLAYED));
        assertEquals(frames.size(), receiver.usage(EspPackets.SPI).sequence());
    }

    @Test
    void shouldUseNoIvTwiceWhateverHappensToTables() {
        Set<Long> ivs = new HashSet<>();
        int sent = 0;
        for (int round = 0; round < 50; round++) {
            for (byte[] frame : sealed(97, 20)) {
                sent++;
                assertTrue(ivs.add(EspPackets.iv(frame)));
            }
            switch (round % 3) {
                case 0 -> sender.apply(EspPackets.sender(sa, false));
                case 1 -> {
                    sender.apply();
                    sender.apply(EspPackets.sender(sa, false));
                }
                default -> {
                    sender.network(EspNode.VNI, Optional.empty());
                    sender.apply();
                    sender.network(EspNode.VNI, Optional.of(Cipher.AES_128_GCM));
                    sender.apply(EspPackets.sender(sa, false));
                }
            }
        }
        assertEquals(50 * 97, sent);
        EspNode restarted = new EspNode(1, PipelineSpec.DEFAULT);
        sender.apply();
        restarted.apply(EspPackets.sender(sa, false));
        restarted.hear(2);
        restarted.say(2, 20);
        restarted.run();
        assertTrue(ivs.add(EspPackets.iv(restarted.uplink.sent.getFirst())), "nor by another data path with the same key");
        restarted.close();
    }

    @Test
    void shouldKeepEachKeyWithinItsLimitWithWorkersToo() {
        for (PipelineSpec pipeline : new PipelineSpec[] {PipelineSpec.DEFAULT, new PipelineSpec(3, false)}) {
            EspNode limited = new EspNode(1, pipeline);
            Set<String> used = new HashSet<>();
            for (int key = 0; key < 5; key++) {
                limited.apply(EspPackets.sender(EspPackets.sa(0x2000 + key, Cipher.AES_128_GCM, new SaLimit(1000, Long.MAX_VALUE)), false));
                if (key == 0) {
                    limited.hear(2);
                }
                for (int i = 0; i < 1500; i++) {
                    limited.say(2, 20);
                }
                limited.run();
            }
            long last = 0;
            for (byte[] frame : limited.uplink.sent) {
                assertTrue(used.add(EspPackets.spi(frame) + " " + EspPackets.iv(frame)));
                long iv = EspPackets.iv(frame);
                assertTrue(iv == last + 1 || iv == 1, "in order, though several threads sealed them");
                last = iv;
            }
            assertEquals(5 * 1000, used.size());
            assertEquals(5 * 500, limited.dropped(DropReason.NO_SA));
            assertEquals(EspNode.BUFFERS, limited.available());
            limited.close();
        }
    }

    @Test
    void shouldGoOnPastNumber2To32() {
        long start = (1L << 32) - 500;
        SecurityAssociation ours = EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
        SecurityAssociation theirs = EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
        ours.key().sent(start);
        theirs.key().received(start);
        sender.apply(EspPackets.sender(ours, false));
        receiver.apply(EspPackets.receiver(theirs));
        List<byte[]> frames = sealed(1000, 20);
        for (int i = 0; i < frames.size(); i += 2) {
            receive(frames.get(i + 1), frames.get(i));
        }
        assertEquals(1000, receiver.endpoint.sent.size());
        assertEquals(start + 1000, receiver.usage(EspPackets.SPI).sequence());
    }

    @Test
    void shouldTakeNothingTwiceWhenAKeyComesBack() {
        SecurityAssociation theirs = EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
        receiver.apply(EspPackets.receiver(theirs));
        List<byte[]> frames = sealed(10, 20);
        frames.forEach(this::receive);
        receiver.apply();
        receiver.apply(EspPackets.receiver(theirs));
        frames.forEach(this::receive);
        assertEquals(10, receiver.endpoint.sent.size());
        assertEquals(10, receiver.dropped(DropReason.REPLAYED));
        receive(sealed(1, 20).getFirst());
        assertEquals(11, receiver.endpoint.sent.size());
        assertArrayEquals(receiver.endpoint.sent.getFirst(), receiver.endpoint.sent.getLast());
    }
}
