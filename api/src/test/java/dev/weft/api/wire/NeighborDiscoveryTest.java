package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** All packets made by scapy. */
class NeighborDiscoveryTest {

    private static final long PREFIX = 0xfd00_0001_0000_0000L;
    private static final String SOLICITATION_IP =
            "6000000000203afffd000001000000000000000000000002ff0200000000000000000001ff000003";
    private static final String SOLICITATION = "8700724f00000000fd0000010000000000000000000000030101 02420a000102";
    private static final String ADVERTISEMENT_IP =
            "6000000000203afffd000001000000000000000000000003fd000001000000000000000000000002";
    private static final String ADVERTISEMENT = "8800115160000000fd0000010000000000000000000000030201 02420a000103";
    /** An MTU option stands before the target's address. */
    private static final String TWO_OPTIONS =
            "8800000060000000fd000001000000000000000000000003 05010000000005dc 020102420a000103";

    @Test
    void shouldReadASolicitation() {
        MemorySegment memory = Packet.of(SOLICITATION_IP, SOLICITATION);

        assertTrue(NeighborDiscovery.fits(memory, 40, 32));
        assertEquals(Icmpv6.NEIGHBOR_SOLICITATION, IcmpHeader.type(memory, 40));
        assertEquals(NeighborDiscovery.HOP_LIMIT, Ipv6Header.hopLimit(memory, 0));
        assertEquals(PREFIX, NeighborDiscovery.targetHigh(memory, 40));
        assertEquals(3, NeighborDiscovery.targetLow(memory, 40));
        assertEquals(0x0242_0a00_0102L,
                NeighborDiscovery.linkLayerAddress(memory, 40, 32, NeighborDiscovery.SOURCE_LINK_LAYER_ADDRESS));
        assertEquals(NeighborDiscovery.NO_ADDRESS,
                NeighborDiscovery.linkLayerAddress(memory, 40, 32, NeighborDiscovery.TARGET_LINK_LAYER_ADDRESS));
        assertTrue(Icmpv6.isChecksumValid(memory, 0, 40, 32));
    }

    @Test
    void shouldReadAnAdvertisementBehindAnotherOption() {
        MemorySegment memory = Packet.of(TWO_OPTIONS);

        assertTrue(NeighborDiscovery.fits(memory, 0, 40));
        assertEquals(NeighborDiscovery.SOLICITED | NeighborDiscovery.OVERRIDE, NeighborDiscovery.flags(memory, 0));
        assertEquals(0x0242_0a00_0103L,
                NeighborDiscovery.linkLayerAddress(memory, 0, 40, NeighborDiscovery.TARGET_LINK_LAYER_ADDRESS));
    }

    @Test
    void shouldWriteASolicitation() {
        MemorySegment memory = Packet.of(SOLICITATION_IP, "ff".repeat(32));

        NeighborDiscovery.writeSolicitation(memory, 40, PREFIX, 3, 0x0242_0a00_0102L);
        Icmpv6.fillChecksum(memory, 0, 40, 32);

        assertEquals(SOLICITATION.replace(" ", ""), Packet.hex(memory, 40, 32));
    }

    @Test
    void shouldWriteAnAdvertisement() {
        MemorySegment memory = Packet.of(ADVERTISEMENT_IP, "ff".repeat(32));

        NeighborDiscovery.writeAdvertisement(memory, 40, NeighborDiscovery.SOLICITED | NeighborDiscovery.OVERRIDE, PREFIX, 3,
                0x0242_0a00_0103L);
        Icmpv6.fillChecksum(memory, 0, 40, 32);

        assertEquals(ADVERTISEMENT.replace(" ", ""), Packet.hex(memory, 40, 32));
    }

    @Test
    void shouldKnowTheSolicitedNodeGroupAndItsMac() {
        assertEquals(0x0000_0001_ff00_0003L, NeighborDiscovery.solicitedNodeLow(3));
        assertEquals(0x0000_0001_ff34_5678L, NeighborDiscovery.solicitedNodeLow(0xaaaa_bbbb_1234_5678L));
        assertEquals(0x3333_ff34_5678L, NeighborDiscovery.multicastMac(0x0000_0001_ff34_5678L));
    }

    @Test
    void shouldRefuseEveryTruncationThatCutsTheMessageOrAnOption() {
        MemorySegment memory = Packet.of(TWO_OPTIONS);
        for (int length = 0; length < 40; length++) {
            boolean endsWhereAnOptionDoes = length == 24 || length == 32;
            assertEquals(endsWhereAnOptionDoes, NeighborDiscovery.fits(Packet.truncated(memory, length), 0, length), "to " + length);
        }
    }

    @Test
    void shouldRefuseOptionsOfImpossibleLength() {
        assertFalse(NeighborDiscovery.fits(Packet.of(SOLICITATION.replace("0101 ", "0100")), 0, 32), "length 0");
        assertFalse(NeighborDiscovery.fits(Packet.of(SOLICITATION.replace("0101 ", "0102")), 0, 32), "length 16 of 8");
    }
}
