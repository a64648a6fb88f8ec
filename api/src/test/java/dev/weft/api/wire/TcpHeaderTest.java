package dev.weft.api.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcpHeaderTest {

    /** Made by scapy: a SYN from 10.0.1.2:33333 to 10.0.1.3:80; NOP, SACK permitted, MSS 1460, timestamps, window scale. */
    private static final String IP = "4500003c00010000400664b70a0001020a000103";
    private static final String SYN = "823500500102030400000000 a002faf0ff2f0000 010402020405b4080a0000000100000000030307";

    @Test
    void shouldReadAllFields() {
        MemorySegment memory = Packet.of(IP, SYN);

        assertTrue(TcpHeader.fits(memory, 20, 40));
        assertEquals(33333, TcpHeader.sourcePort(memory, 20));
        assertEquals(80, TcpHeader.destinationPort(memory, 20));
        assertEquals(0x01020304, TcpHeader.sequenceNumber(memory, 20));
        assertEquals(0, TcpHeader.acknowledgmentNumber(memory, 20));
        assertEquals(40, TcpHeader.headerLength(memory, 20));
        assertEquals(TcpHeader.SYN, TcpHeader.flags(memory, 20));
        assertEquals(64240, TcpHeader.window(memory, 20));
        assertEquals(0xff2f, TcpHeader.checksum(memory, 20));
        assertEquals(0, InternetChecksum.ofTransportIpv4(memory, 0, IpProtocol.TCP, 20, 40));
    }

    @Test
    void shouldFindTheMssBehindOtherOptions() {
        MemorySegment memory = Packet.of(SYN);
        int at = TcpHeader.findMss(memory, 0);

        assertEquals(25, at);
        assertEquals(1460, BigEndian.getShort(memory, at));
    }

    @Test
    void shouldFindNoMssInMalformedOptions() {
        assertEquals(TcpHeader.NO_MSS, findMss("50", ""), "no options");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "00 0204 05"), "behind the end of the list");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "01010102"), "kind without length");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "08000204"), "length 0");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "08010204"), "length 1");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "01020405"), "length beyond the header");
        assertEquals(TcpHeader.NO_MSS, findMss("60", "0203 0500"), "an MSS of three bytes");
        assertEquals(22, findMss("60", "020405b4"));
    }

    private static int findMss(String dataOffset, String options) {
        return TcpHeader.findMss(Packet.of("823500500102030400000000", dataOffset, "02faf000000000", options), 0);
    }

    @Test
    void shouldWriteAReset() {
        MemorySegment memory = Packet.at(0, Packet.bytes("ff".repeat(20)));

        TcpHeader.write(memory, 0, 80, 33333, 0, 0x01020305, TcpHeader.RST | TcpHeader.ACK);

        assertEquals("0050823500000000010203055014000000000000", Packet.hex(memory, 0, 20));
    }

    @Test
    void shouldRefuseEveryTruncation() {
        MemorySegment memory = Packet.of(SYN);
        for (int length = 0; length < 40; length++) {
            assertFalse(TcpHeader.fits(Packet.truncated(memory, length), 0, length), "to " + length);
        }
    }

    @Test
    void shouldRefuseADataOffsetBelowFive() {
        assertFalse(TcpHeader.fits(Packet.of("8235005001020304000000004002faf000000000"), 0, 20));
    }
}
