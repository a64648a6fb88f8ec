package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** All packets made by scapy. */
class IcmpHeaderTest {

    private static final String ECHO = "0800e71b11110002 70696e6721";
    private static final String FRAGMENTATION_NEEDED = "0304206d000005aa 30313233343536373839303132333435363738393031323334353637";
    private static final String ECHO_V6 = "60000000000b3a40fd000001000000000000000000000002fd000001000000000000000000000003"
            + "8000902722220003 6f6464";
    private static final String TOO_BIG = "6000000000383a40fd000001000000000000000000000001fd000001000000000000000000000002"
            + "02008cad000005aa 6000000000081140fd000001000000000000000000000002fd000001000000000000000000000003 00050006000805cb";

    @Test
    void shouldReadAnEcho() {
        MemorySegment memory = Packet.of(ECHO);

        assertEquals(Icmpv4.ECHO_REQUEST, IcmpHeader.type(memory, 0));
        assertEquals(0, IcmpHeader.code(memory, 0));
        assertEquals(0xe71b, IcmpHeader.checksum(memory, 0));
        assertEquals(0x1111, IcmpHeader.identifier(memory, 0));
        assertEquals(2, IcmpHeader.sequenceNumber(memory, 0));
        assertTrue(Icmpv4.isChecksumValid(memory, 0, 13));
    }

    @Test
    void shouldReadAFragmentationNeeded() {
        MemorySegment memory = Packet.of(FRAGMENTATION_NEEDED);

        assertEquals(Icmpv4.DESTINATION_UNREACHABLE, IcmpHeader.type(memory, 0));
        assertEquals(Icmpv4.FRAGMENTATION_NEEDED, IcmpHeader.code(memory, 0));
        assertEquals(1450, Icmpv4.nextHopMtu(memory, 0));
        assertTrue(Icmpv4.isChecksumValid(memory, 0, 36));
    }

    @Test
    void shouldWriteAFragmentationNeeded() {
        MemorySegment memory = Packet.of("ffffffffffffffff", FRAGMENTATION_NEEDED.substring(16));

        IcmpHeader.write(memory, 0, Icmpv4.DESTINATION_UNREACHABLE, Icmpv4.FRAGMENTATION_NEEDED, 1450);
        Icmpv4.fillChecksum(memory, 0, 36);

        assertEquals("0304206d000005aa", Packet.hex(memory, 0, 8));
    }

    @Test
    void shouldReadAnEchoOfIpv6() {
        MemorySegment memory = Packet.of(ECHO_V6);

        assertEquals(Icmpv6.ECHO_REQUEST, IcmpHeader.type(memory, 40));
        assertEquals(0x2222, IcmpHeader.identifier(memory, 40));
        assertEquals(3, IcmpHeader.sequenceNumber(memory, 40));
        assertTrue(Icmpv6.isChecksumValid(memory, 0, 40, 11));
        assertFalse(Icmpv6.isError(Icmpv6.ECHO_REQUEST));
    }

    @Test
    void shouldReadAPacketTooBig() {
        MemorySegment memory = Packet.of(TOO_BIG);

        assertEquals(Icmpv6.PACKET_TOO_BIG, IcmpHeader.type(memory, 40));
        assertEquals(1450, Icmpv6.mtu(memory, 40));
        assertTrue(Icmpv6.isChecksumValid(memory, 0, 40, 56));
        assertTrue(Icmpv6.isError(Icmpv6.PACKET_TOO_BIG));
    }

    @Test
    void shouldWriteAPacketTooBig() {
        MemorySegment memory = Packet.of(TOO_BIG);
        BigEndian.putLong(memory, 40, -1);

        IcmpHeader.write(memory, 40, Icmpv6.PACKET_TOO_BIG, 0, 1450);
        Icmpv6.fillChecksum(memory, 0, 40, 56);

        assertEquals("02008cad000005aa", Packet.hex(memory, 40, 8));
    }

    @Test
    void shouldFindADamagedMessage() {
        MemorySegment memory = Packet.of(ECHO_V6);
        memory.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 50, (byte) 'O');

        assertFalse(Icmpv6.isChecksumValid(memory, 0, 40, 11));
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (int length = 0; length < 8; length++) {
            assertFalse(IcmpHeader.fits(length));
        }
        assertTrue(IcmpHeader.fits(8));
    }
}
