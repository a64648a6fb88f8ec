package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EspHeader;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.GcmKey;
import dev.weft.dpdk.esp.ReplayWindow;
import dev.weft.testing.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Node 1 seals, node 2 opens, and in between the test is the network. */
class EspPathTest {

    private final SecurityAssociation sa = EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT);
    private final EspNode sender = new EspNode(1, PipelineSpec.DEFAULT);
    private final EspNode receiver = new EspNode(2, PipelineSpec.DEFAULT);

    @BeforeEach
    void open() {
        sender.apply(EspPackets.sender(sa, false));
        receiver.apply(EspPackets.receiver(EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT)));
        sender.hear(2);
    }

    @AfterEach
    void close() {
        sender.close();
        receiver.close();
    }

    /** Frames of that many datagrams as they leave node 1. */
    private List<byte[]> sealed(int count, int payload) {
        sender.uplink.sent.clear();
        for (int i = 0; i < count; i++) {
            sender.say(2, payload);
        }
        sender.run();
        return List.copyOf(sender.uplink.sent);
    }

    private void receive(byte[]... frames) {
        receiver.uplink.incoming.addAll(List.of(frames));
        receiver.run();
    }

    private void assertRefused(DropReason reason, long times) {
        assertEquals(times, receiver.dropped(reason), reason.toString());
        assertEquals(0, receiver.endpoint.sent.size());
        assertEquals(0, receiver.usage(EspPackets.SPI).sequence(), "no window has moved");
    }

    @Test
    void shouldCarryDatagramsOfEverySizeInEspAndInUdp() {
        for (boolean udp : new boolean[] {false, true}) {
            sender.apply(EspPackets.sender(sa, udp));
            for (int payload = 0; payload <= 1416 - 28; payload++) {
                receive(sealed(1, payload).getFirst());
                byte[] delivered = receiver.endpoint.sent.removeFirst();
                assertEquals(42 + payload, delivered.length);
                assertTrue(payload == 0 || delivered[delivered.length - 1] == 'x');
            }
            assertTrue(sealed(1, 1416 - 28).getFirst().length <= 14 + 1500 + (udp ? 8 : 0));
        }
    }

    @Test
    void shouldSealWhatAnotherImplementationOpens() {
        byte[] frame = sealed(1, 3).getFirst();
        MemorySegment memory = MemorySegment.ofArray(EspPackets.payload(frame));
        assertEquals(EspPackets.SPI, EspHeader.spi(memory, 0));
        assertEquals(1, EspHeader.sequence(memory, 0));
        assertEquals(1, EspHeader.iv(memory, 0));
        byte[] opened = open(memory.toArray(ValueLayout.JAVA_BYTE), 1);
        assertEquals("12b500" + "3d" + "0000" + "0800000000004d00" + "020000004d02" + "020000004d01" + "0800",
                Packet.hex(MemorySegment.ofArray(opened), 2, 28));
        assertEquals("787878" + "01" + "0111", Packet.hex(MemorySegment.ofArray(opened), opened.length - 6, 6));
    }

    /** The text of an ESP packet, by Bouncy Castle. */
    private byte[] open(byte[] esp, long sequence) {
        try (Arena arena = Arena.ofConfined(); GcmKey key = GcmEngines.open("bouncycastle").expand(sa.key())) {
            MemorySegment memory = arena.allocate(12L + esp.length);
            BigEndian.putInt(memory, 0, EspPackets.SPI);
            BigEndian.putLong(memory, 4, sequence);
            MemorySegment.copy(esp, 0, memory, ValueLayout.JAVA_BYTE, 12, esp.length);
            int length = esp.length - EspHeader.LENGTH - EspHeader.ICV_LENGTH;
            assertTrue(key.open(memory, 0, 12, 12 + EspHeader.LENGTH, length, EspHeader.iv(memory, 12)));
            return memory.asSlice(12 + EspHeader.LENGTH, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void shouldRefuseEveryTruncation() {
        byte[] frame = sealed(1, 20).getFirst();
        byte[] esp = EspPackets.payload(frame);
        int few = 0;
        for (int length = 0; length < esp.length; length++) {
            receive(EspPackets.withPayload(frame, Arrays.copyOf(esp, length)));
            few += EspHeader.fits(length) ? 0 : 1;
        }
        assertRefused(DropReason.TRUNCATED, few);
        long whole = receiver.dropped(DropReason.ICV_MISMATCH);
        assertEquals(esp.length - few, whole + receiver.dropped(DropReason.MALFORMED));
        assertEquals((esp.length - few) / 4, whole, "only every fourth length is one of ESP");
    }

    @Test
    void shouldRefuseEachFlippedBitUnderItsReason() {
        byte[] frame = sealed(1, 20).getFirst();
        for (int bit = EspPackets.ESP * 8; bit < frame.length * 8; bit++) {
            receive(EspPackets.flipped(frame, bit));
        }
        int bits = (frame.length - EspPackets.ESP) * 8;
        assertRefused(DropReason.UNKNOWN_SPI, 32);
        // Number 1 with its low bit flipped is 0; with its high bit it is one before the first.
        long early = receiver.dropped(DropReason.REPLAYED);
        assertTrue(early >= 1 && early <= 2, early + " numbers before the first");
        assertRefused(DropReason.ICV_MISMATCH, bits - 32 - early);
        receive(frame);
        assertEquals(1, receiver.endpoint.sent.size(), "the packet itself is good");
    }

    @Test
    void shouldRefuseAPacketThatWasThereAndOneOfAnotherPeer() {
        byte[] frame = sealed(1, 20).getFirst();
        receive(EspPackets.from(frame, 3));
        assertRefused(DropReason.UNKNOWN_SPI, 1);
        receive(EspPackets.from(frame, 9));
        assertRefused(DropReason.UNKNOWN_SPI, 2);
        receive(frame, frame, frame);
        assertEquals(2, receiver.dropped(DropReason.REPLAYED));
        assertEquals(1, receiver.endpoint.sent.size());
        assertEquals(1, receiver.usage(EspPackets.SPI).packets());
    }

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
    void shouldDropWhatIsInClearAndSendNothingInClear() {
        EspNode open = new EspNode(1, PipelineSpec.DEFAULT);
        open.network(EspNode.VNI, Optional.empty());
        open.apply();
        open.hear(2);
        open.say(2, 20);
        open.run();
        receive(open.uplink.sent.getFirst());
        assertRefused(DropReason.CLEAR_TEXT, 1);
        // And back: an encrypted packet is none of a network in clear.
        EspNode clear = new EspNode(2, PipelineSpec.DEFAULT);
        clear.network(EspNode.VNI, Optional.empty());
        clear.apply(EspPackets.receiver(EspPackets.sa(EspPackets.SPI, Cipher.AES_128_GCM, SaLimit.DEFAULT)));
        clear.uplink.incoming.add(sealed(1, 20).getFirst());
        clear.run();
        assertEquals(1, clear.dropped(DropReason.CLEAR_TEXT));
        assertEquals(0, clear.endpoint.sent.size());
        sender.apply();
        assertEquals(List.of(), sealed(3, 20));
        assertEquals(3, sender.dropped(DropReason.NO_SA));
        open.close();
        clear.close();
    }

    @Test
    void shouldDropWhatIsEncryptedWithAnotherCipherThanTheNetwork() {
        SecurityAssociation longer = EspPackets.sa(EspPackets.SPI + 1, Cipher.AES_256_GCM, SaLimit.DEFAULT);
        sender.network(EspNode.VNI, Optional.of(Cipher.AES_256_GCM));
        sender.apply(EspPackets.sender(longer, false));
        receiver.apply(EspPackets.receiver(EspPackets.sa(EspPackets.SPI + 1, Cipher.AES_256_GCM, SaLimit.DEFAULT)));
        receive(sealed(1, 20).getFirst());
        assertEquals(1, receiver.dropped(DropReason.CLEAR_TEXT));
        assertEquals(0, receiver.endpoint.sent.size());
    }

    /** What only the peer itself can send. */
    @Test
    void shouldLookAtWhatIsInsideBeforeItIsTakenForVxlan() {
        byte[] frame = sealed(1, 20).getFirst();
        String vxlan = "c00012b5000c0000" + "00000000";
        receive(forged(frame, 1, vxlan + "0102" + "023b"));
        assertEquals(1, receiver.dropped(DropReason.CONSUMED), "a dummy packet");
        receive(forged(frame, 2, vxlan + "0102" + "0206"));
        receive(forged(frame, 3, vxlan + "0102" + "ff11"));
        receive(forged(frame, 4, "c00012b500ff0000" + "0102" + "0211"));
        assertEquals(3, receiver.dropped(DropReason.MALFORMED), "TCP, padding beyond the start, UDP beyond the end");
        receive(forged(frame, 5, "c000003500080000" + "0102" + "0211"));
        assertEquals(1, receiver.dropped(DropReason.NOT_FOR_US), "another port");
        receive(forged(frame, 6, vxlan + "0102" + "0211"));
        assertEquals(1, receiver.dropped(DropReason.TRUNCATED), "half of a VXLAN header");
        assertEquals(0, receiver.endpoint.sent.size());
        assertEquals(6, receiver.usage(EspPackets.SPI).sequence());
    }

    private byte[] forged(byte[] frame, int sequence, String text) {
        try (Arena arena = Arena.ofConfined(); GcmKey key = GcmEngines.open("sunjce").expand(sa.key())) {
            byte[] plain = Packet.bytes(text);
            MemorySegment memory = arena.allocate(4L + EspHeader.LENGTH + plain.length + EspHeader.ICV_LENGTH);
            EspHeader.putAad(memory, 4, EspPackets.SPI, sequence);
            EspHeader.iv(memory, 4, sequence);
            MemorySegment.copy(plain, 0, memory, ValueLayout.JAVA_BYTE, 4 + EspHeader.LENGTH, plain.length);
            key.seal(memory, 0, EspHeader.AAD_LENGTH, 4 + EspHeader.LENGTH, plain.length, sequence);
            EspHeader.spi(memory, 4, EspPackets.SPI);
            return EspPackets.withPayload(frame, memory.asSlice(4).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void shouldDropAFrameWhoseTrailerDoesNotFitItsBuffer() {
        sender.mtu(2048 - 14);
        sender.apply(EspPackets.sender(sa, false));
        assertEquals(1, sealed(1, 2048 - 42 - 18).size(), "trailer and ICV end with the buffer");
        assertEquals(List.of(), sealed(1, 2048 - 42 - 17));
        assertEquals(List.of(), sealed(1, 2048 - 42));
        assertEquals(2, sender.dropped(DropReason.TOO_BIG));
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
