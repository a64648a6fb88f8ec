package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.PipelineSpec;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.SaLimit;
import dev.weft.api.path.SecurityAssociation;
import dev.weft.api.wire.EspHeader;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.GcmKey;
import dev.weft.testing.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is refused, and that it is counted under its reason. */
class EspRefusalTest extends EspPair {

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
}
