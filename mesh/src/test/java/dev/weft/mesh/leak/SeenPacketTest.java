package dev.weft.mesh.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.EspHeader;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SeenPacketTest {

    private static final String ETHERNET = "020000000001020000000002";
    private static final String IPV4_ESP = ETHERNET + "0800" + "4500003c00000000403200000a0000010a000002";
    private static final String IPV4_UDP = ETHERNET + "0800" + "4500004400000000401100000a0000010a000002" + "1194119400300000";
    private static final String IPV6_ESP = ETHERNET + "86dd" + "6000000000283240" + "20010db8000000000000000000000001"
            + "20010db8000000000000000000000002";
    private static final String ESP = "fedcba98000000010000000000000001" + "00".repeat(EspHeader.ICV_LENGTH + 8);

    private static SeenPacket packet(String hex) {
        return new SeenPacket(MemorySegment.ofArray(HexFormat.of().parseHex(hex)));
    }

    @Test
    void shouldFindTheSpiBehindIpAndBehindUdp() {
        assertEquals(Optional.of(new SeenPacket.Esp(InetAddress.ofLiteral("10.0.0.2"), 0xfedc_ba98)), packet(IPV4_ESP + ESP).esp());
        assertEquals(Optional.of(new SeenPacket.Esp(InetAddress.ofLiteral("10.0.0.2"), 0xfedc_ba98)), packet(IPV4_UDP + ESP).esp());
        assertEquals(Optional.of(new SeenPacket.Esp(InetAddress.ofLiteral("2001:db8::2"), 0xfedc_ba98)), packet(IPV6_ESP + ESP).esp());
    }

    @Test
    void shouldTakeAnythingElseForNoEsp() {
        assertEquals(Optional.empty(), packet(IPV4_ESP.replace("0800", "0806") + ESP).esp());
        assertEquals(Optional.empty(), packet(IPV4_ESP.replace("4032", "4006") + ESP).esp());
        for (String hex : List.of(IPV4_ESP + ESP, IPV4_UDP + ESP, IPV6_ESP + ESP)) {
            byte[] whole = HexFormat.of().parseHex(hex);
            int least = whole.length - ESP.length() / 2 + EspHeader.LENGTH + 4 + EspHeader.ICV_LENGTH;
            for (int length = 0; length < least; length++) {
                assertEquals(Optional.empty(), new SeenPacket(MemorySegment.ofArray(Arrays.copyOf(whole, length))).esp(), hex + " cut to " + length);
            }
        }
    }

    @Test
    void shouldFindAMarkAtEveryPlaceAndNoPartOfOne() {
        byte[] mark = HexFormat.of().parseHex("a1a2a3a4");
        for (int at = 0; at <= 20; at++) {
            byte[] bytes = new byte[24];
            System.arraycopy(mark, 0, bytes, at, mark.length);
            assertTrue(new SeenPacket(MemorySegment.ofArray(bytes)).contains(mark), "at " + at);
            bytes[at + 3] = 0;
            assertFalse(new SeenPacket(MemorySegment.ofArray(bytes)).contains(mark), "a part at " + at);
        }
        assertFalse(packet("a1a2a3").contains(mark));
    }
}
