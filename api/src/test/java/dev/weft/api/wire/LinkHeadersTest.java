package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Ethernet, ARP, UDP and VXLAN; all packets made by scapy. */
class LinkHeadersTest {

    private static final String ETHERNET = "ffffffffffff 02420a000102 0806";
    private static final String REQUEST = "000108000604000102420a0001020a000102 0000000000000a000103";
    private static final String REPLY = "000108000604000202420a0001030a000103 02420a0001020a000102";
    private static final String UDP = "9c400035000b88fb616263";

    @Test
    void shouldReadAndWriteEthernet() {
        MemorySegment memory = Packet.at(1, Packet.bytes(ETHERNET));

        assertEquals(EthernetHeader.BROADCAST, EthernetHeader.destination(memory, 1));
        assertEquals(0x0242_0a00_0102L, EthernetHeader.source(memory, 1));
        assertEquals(EthernetHeader.ETHER_TYPE_ARP, EthernetHeader.etherType(memory, 1));

        EthernetHeader.write(memory, 1, 0x0242_0a00_0103L, 0x0242_0a00_0104L, EthernetHeader.ETHER_TYPE_IPV6);
        assertEquals("02420a00010302420a00010486dd", Packet.hex(memory, 1, 14));
    }

    @Test
    void shouldTellGroupsFromStations() {
        assertTrue(EthernetHeader.isMulticast(EthernetHeader.BROADCAST));
        assertTrue(EthernetHeader.isMulticast(0x3333_0000_0001L));
        assertFalse(EthernetHeader.isMulticast(0x0242_0a00_0102L));
    }

    @Test
    void shouldReadAnArpRequest() {
        MemorySegment memory = Packet.of(REQUEST);

        assertTrue(ArpPacket.isEthernetIpv4(memory, 0));
        assertEquals(ArpPacket.REQUEST, ArpPacket.operation(memory, 0));
        assertEquals(0x0242_0a00_0102L, ArpPacket.senderHardware(memory, 0));
        assertEquals(0x0a000102, ArpPacket.senderProtocol(memory, 0));
        assertEquals(0, ArpPacket.targetHardware(memory, 0));
        assertEquals(0x0a000103, ArpPacket.targetProtocol(memory, 0));
    }

    @Test
    void shouldKnowArpOfOtherHardwareAndProtocols() {
        for (int at : new int[] {1, 2, 4, 5}) {
            byte[] bytes = Packet.bytes(REQUEST);
            bytes[at]++;
            assertFalse(ArpPacket.isEthernetIpv4(Packet.at(0, bytes), 0), "byte " + at);
        }
    }

    @Test
    void shouldWriteArp() {
        MemorySegment memory = Packet.of("ff".repeat(28));

        ArpPacket.writeRequest(memory, 0, 0x0242_0a00_0102L, 0x0a000102, 0x0a000103);
        assertEquals(REQUEST.replace(" ", ""), Packet.hex(memory, 0, 28));

        ArpPacket.writeReply(memory, 0, 0x0242_0a00_0103L, 0x0a000103, 0x0242_0a00_0102L, 0x0a000102);
        assertEquals(REPLY.replace(" ", ""), Packet.hex(memory, 0, 28));
    }

    @Test
    void shouldReadAndWriteUdp() {
        MemorySegment memory = Packet.of(UDP);

        assertTrue(UdpHeader.fits(memory, 0, 11));
        assertEquals(40000, UdpHeader.sourcePort(memory, 0));
        assertEquals(53, UdpHeader.destinationPort(memory, 0));
        assertEquals(11, UdpHeader.length(memory, 0));
        assertEquals(0x88fb, UdpHeader.checksum(memory, 0));
        long whole = UdpHeader.whole(memory, 0);
        assertEquals(0x9c40_0035_000b_88fbL, whole);
        assertEquals(53, UdpHeader.destinationPort(whole));
        assertEquals(11, UdpHeader.length(whole));

        UdpHeader.write(memory, 0, 49152, UdpHeader.VXLAN_PORT, 11);
        assertEquals("c00012b5000b0000", Packet.hex(memory, 0, 8));
    }

    @Test
    void shouldReadVxlanAndIgnoreReservedBits() {
        MemorySegment memory = Packet.of("0800000012345600");
        assertTrue(VxlanHeader.hasVni(VxlanHeader.whole(memory, 0)));
        assertEquals(0x123456, VxlanHeader.vni(VxlanHeader.whole(memory, 0)));

        memory = Packet.of("ffffffff123456ff");
        assertTrue(VxlanHeader.hasVni(VxlanHeader.whole(memory, 0)));
        assertEquals(0x123456, VxlanHeader.vni(VxlanHeader.whole(memory, 0)));

        assertFalse(VxlanHeader.hasVni(VxlanHeader.whole(Packet.of("f7ffffff123456ff"), 0)));
    }

    @Test
    void shouldWriteVxlan() {
        MemorySegment memory = Packet.of("ff".repeat(8));
        VxlanHeader.write(memory, 0, 0x123456);
        assertEquals("0800000012345600", Packet.hex(memory, 0, 8));
        VxlanHeader.write(memory, 0, VxlanHeader.MAX_VNI);
        assertEquals("08000000ffffff00", Packet.hex(memory, 0, 8));
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (int length = 0; length < 14; length++) {
            assertFalse(EthernetHeader.fits(length));
        }
        assertTrue(EthernetHeader.fits(14));
        for (int length = 0; length < 28; length++) {
            assertFalse(ArpPacket.fits(length));
        }
        assertTrue(ArpPacket.fits(28));
        for (int length = 0; length < 8; length++) {
            assertFalse(VxlanHeader.fits(length));
        }
        assertTrue(VxlanHeader.fits(8));
        MemorySegment udp = Packet.of(UDP);
        for (int length = 0; length < 11; length++) {
            assertFalse(UdpHeader.fits(Packet.truncated(udp, length), 0, length));
        }
        assertFalse(UdpHeader.fits(Packet.of("9c4000350007000000"), 0, 9), "a length below the header's");
    }
}
