package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.testing.Packet;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Frames before and after, each made whole by scapy: its checksums are computed over all bytes, ours by what has changed. */
class AddressRewriteTest {

    private static final String ETHERNET = "02574500004d020000004d0a";
    private static final InetAddress VIP = InetAddress.ofLiteral("10.77.0.200");
    private static final InetAddress BACKEND = InetAddress.ofLiteral("10.77.0.11");
    private static final InetAddress VIP_6 = InetAddress.ofLiteral("fd77::c8");
    private static final InetAddress BACKEND_6 = InetAddress.ofLiteral("fd77::b");
    private static final int TCP = IpProtocol.TCP;
    private static final int UDP = IpProtocol.UDP;

    private final Burst burst = new Burst();

    @Test
    void shouldRewriteTcpOverIpv4() {
        assertDestination(TCP, 34, VIP, "08004500002800010000400665640a4d000a0a4d00c803e80050000000010000000050022000763e0000",
                BACKEND, "08004500002800010000400666210a4d000a0a4d000b03e8005000000001000000005002200076fb0000");
        assertSource(TCP, 34, BACKEND, "08004500002800010000400666210a4d000b0a4d000a005003e800000000000000005012200076ec0000",
                VIP, "08004500002800010000400665640a4d00c80a4d000a005003e8000000000000000050122000762f0000");
    }

    @Test
    void shouldRewriteBehindIpv4Options() {
        assertDestination(TCP, 38, VIP, "08004600002d000100004006625d0a4d000a0a4d00c80101010103e80050000000000000000050102000fe2f000078",
                BACKEND, "08004600002d000100004006631a0a4d000a0a4d000b0101010103e80050000000000000000050102000feec000078");
    }

    @Test
    void shouldRewriteUdpOfOddLength() {
        assertDestination(UDP, 34, VIP, "08004500001f00010000401165620a4d000a0a4d00c803e80035000b21ed616263",
                BACKEND, "08004500001f000100004011661f0a4d000a0a4d000b03e80035000b22aa616263");
    }

    @Test
    void shouldLeaveAUdpPacketWithoutChecksumWithout() {
        assertDestination(UDP, 34, VIP, "08004500001f00010000401165620a4d000a0a4d00c803e80035000b0000616263",
                BACKEND, "08004500001f000100004011661f0a4d000a0a4d000b03e80035000b0000616263");
    }

    @Test
    void shouldRewriteTcpOverIpv6() {
        assertDestination(TCP, 54, VIP_6, "86dd6000000000140640fd77000000000000000000000000000afd7700000000000000000000000000c8"
                + "03e800500000000100000000500220008fe80000", BACKEND_6, "86dd6000000000140640fd77000000000000000000000000000a"
                + "fd77000000000000000000000000000b03e8005000000001000000005002200090a50000");
        assertSource(TCP, 54, BACKEND_6, "86dd6000000000140640fd77000000000000000000000000000bfd77000000000000000000000000000a"
                + "005003e800000000000000005012200090960000", VIP_6, "86dd6000000000140640fd7700000000000000000000000000c8"
                + "fd77000000000000000000000000000a005003e80000000000000000501220008fd90000");
    }

    @Test
    void shouldRewriteUdpBehindAnIpv6ExtensionAndInBothHalvesOfTheAddress() {
        assertDestination(UDP, 62, InetAddress.ofLiteral("fd77:0:0:ffff::c8"), "86dd6000000000130040"
                + "fd77000000000000000000000000000afd7700000000ffff00000000000000c8110001040000000003e80035000b3b97616263", BACKEND_6,
                "86dd6000000000130040fd77000000000000000000000000000afd77000000000000000000000000000b"
                + "110001040000000003e80035000b3c54616263");
    }

    /** RFC 768: all ones for a sum that is zero, lest it say "no checksum"; and from there on again. */
    @Test
    void shouldSendAUdpChecksumOfZeroAsAllOnes() {
        assertDestination(UDP, 34, VIP, "08004500001e00010000401165630a4d000a0a4d00c803e80035000aff42e70e",
                BACKEND, "08004500001e00010000401166200a4d000a0a4d000b03e80035000affffe70e");
        assertDestination(UDP, 34, VIP, "08004500001e00010000401165630a4d000a0a4d00c803e80035000affffe651",
                BACKEND, "08004500001e00010000401166200a4d000a0a4d000b03e80035000a00bde651");
        assertDestination(UDP, 54, VIP_6, "86dd60000000000a1140fd77000000000000000000000000000afd7700000000000000000000000000c8"
                + "03e80035000aff4200b9", BACKEND_6, "86dd60000000000a1140fd77000000000000000000000000000a"
                + "fd77000000000000000000000000000b03e80035000affff00b9");
    }

    /** RFC 1624, 3: where the older equation of RFC 1141 gave all ones. */
    @Test
    void shouldKeepTheZeroOfTcpAndOfTheIpv4Header() {
        assertDestination(TCP, 34, VIP, "08004500002800010000400665640a4d000a0a4d00c803e800500000000000000000500296fcff420000",
                BACKEND, "08004500002800010000400666210a4d000a0a4d000b03e800500000000000000000500296fc00000000");
        assertDestination(TCP, 34, VIP, "08004500002800010000400665640a4d000a0a4d00c803e8005000000000000000005002963f00000000",
                BACKEND, "08004500002800010000400666210a4d000a0a4d000b03e8005000000000000000005002963f00bd0000");
        assertDestination(UDP, 34, VIP, "08004500001c662300004011ff420a4d000a0a4d00c803e800350008e655",
                BACKEND, "08004500001c66230000401100000a4d000a0a4d000b03e800350008e712");
    }

    /** There and back again, and to where it is: so no packet is changed twice for good. */
    private void assertDestination(int protocol, int l4, InetAddress from, String before, InetAddress to, String after) {
        begin(protocol, l4, before);
        destination(from);
        assertFrame(before);
        destination(to);
        assertFrame(after);
        destination(from);
        assertFrame(before);
    }

    private void assertSource(int protocol, int l4, InetAddress from, String before, InetAddress to, String after) {
        begin(protocol, l4, before);
        source(from);
        assertFrame(before);
        source(to);
        assertFrame(after);
        source(from);
        assertFrame(before);
    }

    private void begin(int protocol, int l4, String rest) {
        byte[] frame = Packet.bytes(ETHERNET, rest);
        burst.begin(null, Packet.at(3, frame), 1);
        int i = burst.add(0, 3, frame.length);
        burst.protocol[i] = protocol;
        burst.l4[i] = l4;
    }

    private void destination(InetAddress to) {
        AddressRewrite.destination(burst, 0, AddressBits.high(to), AddressBits.low(to));
    }

    private void source(InetAddress to) {
        AddressRewrite.source(burst, 0, AddressBits.high(to), AddressBits.low(to));
    }

    private void assertFrame(String rest) {
        assertEquals(ETHERNET + rest, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
    }
}
