package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** All packets made by scapy. */
class Ipv4HeaderTest {

    private static final String PLAIN = "4500001f12344000401112960a0001020a000103 9c400035000b88fb616263";
    private static final String WITH_OPTIONS = "46b8002500070000030135d9c0000201c6336407 94040000 0800e71b1111000270696e6721";
    private static final String FRAGMENT = "45000018000920b94011440f0a0001020a000103 78787878";

    @Test
    void shouldReadAPlainHeader() {
        MemorySegment memory = Packet.of(PLAIN);

        assertTrue(Ipv4Header.fits(memory, 0, 31));
        assertEquals(4, Ipv4Header.version(memory, 0));
        assertEquals(20, Ipv4Header.headerLength(memory, 0));
        assertEquals(0, Ipv4Header.typeOfService(memory, 0));
        assertEquals(31, Ipv4Header.totalLength(memory, 0));
        assertEquals(0x1234, Ipv4Header.identification(memory, 0));
        assertTrue(Ipv4Header.dontFragment(memory, 0));
        assertFalse(Ipv4Header.isFragment(memory, 0));
        assertEquals(64, Ipv4Header.timeToLive(memory, 0));
        assertEquals(IpProtocol.UDP, Ipv4Header.protocol(memory, 0));
        assertEquals(0x1296, Ipv4Header.headerChecksum(memory, 0));
        assertEquals(0x0a000102, Ipv4Header.source(memory, 0));
        assertEquals(0x0a000103, Ipv4Header.destination(memory, 0));
        assertTrue(Ipv4Header.isChecksumValid(memory, 0));
    }

    @Test
    void shouldReadOptionsAtAnOddOffset() {
        MemorySegment memory = Packet.at(3, Packet.bytes(WITH_OPTIONS));

        assertTrue(Ipv4Header.fits(memory, 3, 37));
        assertEquals(24, Ipv4Header.headerLength(memory, 3));
        assertEquals(0xb8, Ipv4Header.typeOfService(memory, 3));
        assertEquals(0xc0000201, Ipv4Header.source(memory, 3));
        assertEquals(0xc6336407, Ipv4Header.destination(memory, 3));
        assertTrue(Ipv4Header.isChecksumValid(memory, 3));
        assertTrue(Icmpv4.isChecksumValid(memory, 27, 13));
    }

    @Test
    void shouldKnowAFragment() {
        MemorySegment memory = Packet.of(FRAGMENT);

        assertTrue(Ipv4Header.isFragment(memory, 0));
        assertFalse(Ipv4Header.dontFragment(memory, 0));
        assertEquals(185 * 8, Ipv4Header.fragmentOffset(memory, 0));
    }

    @Test
    void shouldReadWordsAsItReadsTheirFields() {
        for (String packet : new String[] {PLAIN, WITH_OPTIONS, FRAGMENT, FRAGMENT.replaceFirst("000920b9", "0009a000"),
                FRAGMENT.replaceFirst("000920b9", "00090001")}) {
            MemorySegment memory = Packet.of(packet);
            long front = Ipv4Header.front(memory, 0);
            long middle = Ipv4Header.middle(memory, 0);

            assertEquals(Ipv4Header.version(memory, 0), Ipv4Header.version(front));
            assertEquals(Ipv4Header.headerLength(memory, 0), Ipv4Header.headerLength(front));
            assertEquals(Ipv4Header.totalLength(memory, 0), Ipv4Header.totalLength(front));
            assertEquals(Ipv4Header.isFragment(memory, 0), Ipv4Header.isFragment(front));
            assertEquals(Ipv4Header.fragmentOffset(memory, 0) != 0, Ipv4Header.isLaterFragment(front));
            assertEquals(Ipv4Header.protocol(memory, 0), Ipv4Header.protocol(middle));
            assertEquals(Ipv4Header.source(memory, 0), Ipv4Header.source(middle));
            assertEquals(Ipv4Header.isChecksumValid(memory, 0), Ipv4Header.isChecksumValid(memory, 0, front, middle));
        }
    }

    @Test
    void shouldWriteAllOfTheHeader() {
        byte[] dirty = new byte[20];
        java.util.Arrays.fill(dirty, (byte) 0xa5);
        MemorySegment memory = Packet.at(0, dirty);

        Ipv4Header.write(memory, 0, 31, 0x1234, Ipv4Header.DONT_FRAGMENT, 64, IpProtocol.UDP, 0x0a000102, 0x0a000103);

        assertEquals("4500001f12344000401112960a0001020a000103", Packet.hex(memory, 0, 20));
    }

    @Test
    void shouldFindEveryFlippedBitOfTheHeader() {
        for (int bit = 0; bit < 20 * 8; bit++) {
            byte[] bytes = Packet.bytes(PLAIN);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            MemorySegment memory = Packet.at(0, bytes);
            boolean fits = Ipv4Header.fits(memory, 0, bytes.length);
            assertFalse(fits && Ipv4Header.isChecksumValid(memory, 0), "bit " + bit);
            assertFalse(fits && Ipv4Header.isChecksumValid(memory, 0, Ipv4Header.front(memory, 0), Ipv4Header.middle(memory, 0)), "bit " + bit);
        }
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (String packet : new String[] {PLAIN, WITH_OPTIONS, FRAGMENT}) {
            MemorySegment memory = Packet.of(packet);
            for (int length = 0; length < memory.byteSize(); length++) {
                assertFalse(Ipv4Header.fits(Packet.truncated(memory, length), 0, length), packet + " to " + length);
            }
        }
    }

    @Test
    void shouldRefuseLengthFieldsThatContradictEachOther() {
        assertFalse(Ipv4Header.fits(Packet.of("44" + PLAIN.substring(2)), 0, 31), "IHL 4");
        assertFalse(Ipv4Header.fits(Packet.of("45000013" + PLAIN.substring(8)), 0, 31), "total length 19");
        assertFalse(Ipv4Header.fits(Packet.of("48" + PLAIN.substring(2)), 0, 31), "header of 32 in a packet of 31");
        assertTrue(Ipv4Header.fits(Packet.of(PLAIN, "0000"), 0, 33), "Ethernet padding behind the packet");
    }
}
