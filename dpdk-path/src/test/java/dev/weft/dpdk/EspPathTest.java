package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EspHeader;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.GcmKey;
import dev.weft.testing.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What crosses, and that it is ESP as others have it. */
class EspPathTest extends EspPair {

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
    void shouldDropAFrameWhoseTrailerDoesNotFitItsBuffer() {
        sender.mtu(2048 - 14);
        sender.apply(EspPackets.sender(sa, false));
        assertEquals(1, sealed(1, 2048 - 42 - 18).size(), "trailer and ICV end with the buffer");
        assertEquals(List.of(), sealed(1, 2048 - 42 - 17));
        assertEquals(List.of(), sealed(1, 2048 - 42));
        assertEquals(2, sender.dropped(DropReason.TOO_BIG));
    }
}
