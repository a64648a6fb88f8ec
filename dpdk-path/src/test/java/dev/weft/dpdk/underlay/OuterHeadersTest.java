package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class OuterHeadersTest {

    private static final InetAddress OTHER_IPV4 = InetAddress.ofLiteral("203.0.113.200");
    private static final InetAddress OTHER_IPV6 = InetAddress.ofLiteral("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");

    private final OuterHeaders ipv4 = new OuterHeaders(UnderlayPackets.ipv4(true));
    private final OuterHeaders ipv6 = new OuterHeaders(UnderlayPackets.ipv6(true));

    OuterHeadersTest() {
        ipv4.adopt(List.of(OTHER_IPV4, UnderlayPackets.IPV4_B));
        ipv6.adopt(List.of(OTHER_IPV6, UnderlayPackets.IPV6_B));
    }

    @Test
    void shouldWriteWhatScapyWritesOverIpv4() {
        assertEquals(UnderlayPackets.IPV4_TO_B, written(ipv4, UnderlayPackets.VXLAN, UnderlayPackets.FLOW_HASH, 0));
    }

    @Test
    void shouldWriteWhatScapyWritesOverIpv6() {
        assertEquals(UnderlayPackets.IPV6_TO_B, written(ipv6, UnderlayPackets.VXLAN, UnderlayPackets.FLOW_HASH, 0));
    }

    @Test
    void shouldWriteWhatScapyWritesBeforeEsp() {
        for (int shift = 0; shift < 8; shift++) {
            assertEquals(UnderlayPackets.ESP_IPV4_TO_B, writtenIp(ipv4, shift));
            assertEquals(UnderlayPackets.ESP_IPV6_TO_B, writtenIp(ipv6, shift));
        }
        MemorySegment memory = Packet.of("ff".repeat(ipv6.udpLength()), UnderlayPackets.ESP);
        ipv6.writeUdp(memory, 0, UnderlayPackets.ESP.length() / 2, 1, UnderlayPackets.MAC_B.value(), UnderlayPackets.FLOW_HASH, UdpHeader.ESP_PORT);
        assertEquals(UnderlayPackets.ESP_IN_UDP_IPV6_TO_B, Packet.hex(memory, 0, (int) memory.byteSize()));
    }

    private static String writtenIp(OuterHeaders headers, int shift) {
        MemorySegment memory = Packet.of("ff".repeat(shift + headers.ipLength()), UnderlayPackets.ESP);
        int payloadLength = UnderlayPackets.ESP.length() / 2;
        headers.writeIp(memory, shift, payloadLength, 1, UnderlayPackets.MAC_B.value(), IpProtocol.ESP);
        return Packet.hex(memory, shift, headers.ipLength() + payloadLength);
    }

    @Test
    void shouldOverwriteWhateverWasThereAtAnyAlignment() {
        for (int shift = 0; shift < 8; shift++) {
            assertEquals(UnderlayPackets.IPV4_TO_B, written(ipv4, UnderlayPackets.VXLAN, UnderlayPackets.FLOW_HASH, shift));
            assertEquals(UnderlayPackets.IPV6_TO_B, written(ipv6, UnderlayPackets.VXLAN, UnderlayPackets.FLOW_HASH, shift));
        }
    }

    @Test
    void shouldKeepChecksumsRightForEveryLengthAndFlow() {
        for (int length = 8; length <= 1600; length++) {
            String payload = "a5".repeat(length);
            MemorySegment packet = Packet.of(written(ipv4, payload, length * 0x9e3779b9, 0));
            assertTrue(Ipv4Header.fits(packet, 14, 20 + 8 + length));
            assertTrue(Ipv4Header.isChecksumValid(packet, 14), "IPv4, payload of " + length);

            packet = Packet.of(written(ipv6, payload, length * 0x9e3779b9, 0));
            assertNotEquals(0, UdpHeader.checksum(packet, 54));
            assertEquals(0, InternetChecksum.ofTransportIpv6(packet, 14, IpProtocol.UDP, 54, 8 + length), "IPv6, payload of " + length);
        }
    }

    @Test
    void shouldDrawSourcePortsFromTheWholeDynamicRangeAndNoOther() {
        boolean[] seen = new boolean[65536];
        for (int i = 0; i < 1 << 14; i++) {
            seen[UdpHeader.sourcePort(Packet.of(written(ipv4, UnderlayPackets.VXLAN, i, 0)), 34)] = true;
            seen[UdpHeader.sourcePort(Packet.of(written(ipv4, UnderlayPackets.VXLAN, i * 0x9e3779b9, 0)), 34)] = true;
        }
        for (int port = 0; port < seen.length; port++) {
            assertEquals(port >= 49152, seen[port], "port " + port);
        }
    }

    /** The headers before the payload, for the second VTEP, in memory that was full of other things. */
    private static String written(OuterHeaders headers, String payload, int flowHash, int shift) {
        MemorySegment memory = Packet.of("ff".repeat(shift + headers.udpLength()), payload);
        int payloadLength = payload.length() / 2;
        headers.writeUdp(memory, shift, payloadLength, 1, UnderlayPackets.MAC_B.value(), flowHash, 4789);
        return Packet.hex(memory, shift, headers.udpLength() + payloadLength);
    }
}
