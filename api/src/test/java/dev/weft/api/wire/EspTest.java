package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** The header of test case 8 and the plaintext ends of test cases 1 and 2 of draft-mcgrew-gcm-test-01. */
class EspTest {

    private static final String PACKET = "17405e67dd0db99b616e640169766563 f2d69ecdbd5a0d5b8d5ef38bad4da58d 1f278fde98ef6754";
    private static final String AAD = "17405e67156f3126dd0db99b";

    @Test
    void shouldReadTheHeader() {
        MemorySegment memory = Packet.at(1, Packet.bytes(PACKET));
        assertEquals(0x17405e67, EspHeader.spi(memory, 1));
        assertEquals(0xdd0db99b, EspHeader.sequence(memory, 1));
        assertEquals(0x616e640169766563L, EspHeader.iv(memory, 1));
    }

    @Test
    void shouldWriteTheHeaderOverTheAdditionalData() {
        MemorySegment memory = Packet.of("ff".repeat(20));
        EspHeader.putAad(memory, 4, 0x17405e67, 0x156f3126dd0db99bL);
        assertEquals(AAD, Packet.hex(memory, EspHeader.aad(4), EspHeader.AAD_LENGTH));
        EspHeader.spi(memory, 4, 0x17405e67);
        EspHeader.iv(memory, 4, 0x616e640169766563L);
        assertEquals(PACKET.substring(0, 32), Packet.hex(memory, 4, EspHeader.LENGTH));
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (int length = 0; length < 36; length++) {
            assertFalse(EspHeader.fits(length), length + " bytes");
        }
        assertTrue(EspHeader.fits(36));
        assertTrue(EspHeader.isAligned(36));
        for (int length = 37; length < 40; length++) {
            assertFalse(EspHeader.isAligned(length), length + " bytes");
        }
    }

    @Test
    void shouldReadTheTrailer() {
        int one = EspTrailer.whole(Packet.of("0021000101020201"), 8);
        assertEquals(2, EspTrailer.padLength(one));
        assertEquals(1, EspTrailer.nextHeader(one));
        assertTrue(EspTrailer.fits(one, 4));
        assertFalse(EspTrailer.fits(one, 3), "padding beyond the payload's start");
        int longest = EspTrailer.whole(Packet.of("ff11"), 2);
        assertEquals(255, EspTrailer.padLength(longest));
        assertTrue(EspTrailer.fits(longest, 257));
        assertFalse(EspTrailer.fits(longest, 256));
    }

    @Test
    void shouldPadToFourBytes() {
        String[] ends = {"01020211", "010111", "0011", "0102030311"};
        for (int length = 0; length < 64; length++) {
            int padding = EspTrailer.padding(length);
            assertEquals(0, (length + padding + EspTrailer.LENGTH) % 4);
            MemorySegment memory = Packet.of("ff".repeat(EspTrailer.LENGTH + padding + EspHeader.ICV_LENGTH + 1));
            EspTrailer.write(memory, 0, padding, IpProtocol.UDP);
            assertEquals(ends[length % 4], Packet.hex(memory, 0, padding + EspTrailer.LENGTH));
            assertEquals("ff", Packet.hex(memory, memory.byteSize() - 1, 1), "behind the ICV");
        }
    }
}
