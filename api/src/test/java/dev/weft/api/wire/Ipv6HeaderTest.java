package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** All packets made by scapy, from fd00:1::2 to fd00:1::3. */
class Ipv6HeaderTest {

    private static final String ADDRESSES = "fd000001000000000000000000000002fd000001000000000000000000000003";
    private static final String PLAIN = "62eabcde000d1140" + ADDRESSES + "9c400035000d738f6162636431";
    /** Hop-by-hop, routing, first fragment, destination options, UDP. */
    private static final String CHAIN = "60000000002a0040" + ADDRESSES
            + "2b00010400000000 2c00000000000000 3c00000100000005 1100010400000000 00010002000a8b547a7a";
    private static final String LATER_FRAGMENT = "6000000000102c40" + ADDRESSES + "110005a800000005 7461696c7461696c";
    private static final String ATOMIC_FRAGMENT = "60000000001c2c40" + ADDRESSES
            + "0600000000000005 0001000200000000000000005002200095d70000";

    @Test
    void shouldReadAPlainHeader() {
        MemorySegment memory = Packet.at(1, Packet.bytes(PLAIN));

        assertTrue(Ipv6Header.fits(memory, 1, 53));
        assertEquals(6, Ipv6Header.version(memory, 1));
        assertEquals(0x2e, Ipv6Header.trafficClass(memory, 1));
        assertEquals(0xabcde, Ipv6Header.flowLabel(memory, 1));
        assertEquals(13, Ipv6Header.payloadLength(memory, 1));
        assertEquals(IpProtocol.UDP, Ipv6Header.nextHeader(memory, 1));
        assertEquals(64, Ipv6Header.hopLimit(memory, 1));
        assertEquals(0xfd00_0001_0000_0000L, Ipv6Header.sourceHigh(memory, 1));
        assertEquals(2, Ipv6Header.sourceLow(memory, 1));
        assertEquals(0xfd00_0001_0000_0000L, Ipv6Header.destinationHigh(memory, 1));
        assertEquals(3, Ipv6Header.destinationLow(memory, 1));
    }

    @Test
    void shouldWriteAllOfTheHeader() {
        MemorySegment memory = Packet.at(0, new byte[40]);

        Ipv6Header.write(memory, 0, 16, IpProtocol.FRAGMENT, 64);
        Ipv6Header.source(memory, 0, 0xfd00_0001_0000_0000L, 2);
        Ipv6Header.destination(memory, 0, 0xfd00_0001_0000_0000L, 3);

        assertEquals("6000000000102c40" + ADDRESSES, Packet.hex(memory, 0, 40));
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (String packet : new String[] {PLAIN, CHAIN, LATER_FRAGMENT}) {
            MemorySegment memory = Packet.of(packet);
            for (int length = 0; length < memory.byteSize(); length++) {
                assertFalse(Ipv6Header.fits(Packet.truncated(memory, length), 0, length), packet + " to " + length);
            }
        }
    }

    @Test
    void shouldFindTheTransportWithoutExtensions() {
        long walked = walk(PLAIN);

        assertEquals(IpProtocol.UDP, Ipv6Extensions.protocol(walked));
        assertEquals(0, Ipv6Extensions.length(walked));
        assertFalse(Ipv6Extensions.isFragment(walked));
    }

    @Test
    void shouldWalkAChain() {
        long walked = walk(CHAIN);

        assertEquals(IpProtocol.UDP, Ipv6Extensions.protocol(walked));
        assertEquals(32, Ipv6Extensions.length(walked));
        assertTrue(Ipv6Extensions.isFragment(walked));
        assertFalse(Ipv6Extensions.isLaterFragment(walked));
    }

    @Test
    void shouldStopAtALaterFragment() {
        long walked = walk(LATER_FRAGMENT);

        assertEquals(IpProtocol.UDP, Ipv6Extensions.protocol(walked));
        assertTrue(Ipv6Extensions.isFragment(walked));
        assertTrue(Ipv6Extensions.isLaterFragment(walked));
    }

    @Test
    void shouldTakeAnAtomicFragmentForAWholePacket() {
        long walked = walk(ATOMIC_FRAGMENT);

        assertEquals(IpProtocol.TCP, Ipv6Extensions.protocol(walked));
        assertEquals(8, Ipv6Extensions.length(walked));
        assertFalse(Ipv6Extensions.isFragment(walked));
    }

    @Test
    void shouldRefuseAChainThatThePayloadLengthCutsAnywhere() {
        for (int payload = 0; payload < 32; payload++) {
            MemorySegment memory = Packet.truncated(Packet.of(CHAIN), 40 + payload);
            assertEquals(Ipv6Extensions.TRUNCATED, Ipv6Extensions.walk(memory, 0, payload), "payload of " + payload);
        }
    }

    @Test
    void shouldRefuseAnExtensionThatClaimsMoreThanThereIs() {
        assertEquals(Ipv6Extensions.TRUNCATED, walk("6000000000080040" + ADDRESSES + "3bff010400000000"));
        assertEquals(Ipv6Extensions.TRUNCATED, walk("6000000000083340" + ADDRESSES + "3b04000000000000"));
    }

    @Test
    void shouldWalkAnAuthenticationHeaderInFourByteUnits() {
        long walked = walk("6000000000143340" + ADDRESSES + "3a03000000000001 0000000100000000 00000000");

        assertEquals(IpProtocol.ICMPV6, Ipv6Extensions.protocol(walked));
        assertEquals(20, Ipv6Extensions.length(walked));
    }

    @Test
    void shouldWalkEightHeadersAndNotNine() {
        String options = "3c00010400000000";
        String last = "1100010400000000";

        assertEquals(IpProtocol.UDP, Ipv6Extensions.protocol(walk("6000000000403c40" + ADDRESSES + options.repeat(7) + last)));
        assertEquals(Ipv6Extensions.TOO_MANY, walk("6000000000483c40" + ADDRESSES + options.repeat(8) + last));
    }

    private static long walk(String packet) {
        MemorySegment memory = Packet.of(packet);
        return Ipv6Extensions.walk(memory, 0, Ipv6Header.payloadLength(memory, 0));
    }
}
