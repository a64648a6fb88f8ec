package dev.weft.dpdk.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.BigEndian;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Headers as a kernel's VXLAN interface wrote them; the sums are added up here word by word. */
class TunnelSegmentsTest {

    private static final String VXLAN = "0800000000010000";
    private static final String ETHERNET = "025700000001 025700000002 0800";
    private static final String IPV4 = "4500 0032 1234 4000 4006 0000 0a090003 0a090002";
    /** Ports 5000 and 4000, sequence 0xfffffffe, CWR, PSH, ACK and FIN; ten bytes of data follow. */
    private static final String TCP = "1388 0fa0 fffffffe 00000001 5099 0200 0000 0000";
    private static final String DATA = "000102030405060708 09";
    private static final int HEADERS = 62;
    private static final int TCP_AT = 42;

    private final TunnelSegments segments = new TunnelSegments();
    private final MemorySegment part = Packet.at(0, new byte[256]);

    /** Leaves the checksum as the kernel leaves it to hardware: the sum of the pseudo header. */
    private static MemorySegment superFrame() {
        MemorySegment frame = Packet.of(VXLAN, ETHERNET, IPV4, TCP, DATA);
        // 0a09 + 0003 + 0a09 + 0002 + 6 + 30 bytes of TCP
        BigEndian.putShort(frame, TCP_AT + 16, 0x0a09 + 0x0003 + 0x0a09 + 0x0002 + 6 + 30);
        return frame;
    }

    @Test
    void shouldGiveEachPartHeadersOfItsOwn() {
        MemorySegment frame = superFrame();
        assertTrue(segments.begin(frame, 0, (int) frame.byteSize(), HEADERS + 4));
        assertPart(4, 0xfffffffeL, 0x90, 0x1234, "00010203");
        assertPart(4, 0x00000002L, 0x10, 0x1235, "04050607");
        assertPart(2, 0x00000006L, 0x19, 0x1236, "0809");
        assertFalse(segments.hasNext());
    }

    private void assertPart(int length, long sequence, int flags, int identification, String data) {
        assertTrue(segments.hasNext());
        assertEquals(HEADERS + length, segments.next(part, 0));
        assertEquals(VXLAN, Packet.hex(part, 0, 8));
        assertEquals(40 + length, BigEndian.getShort(part, 24));
        assertEquals(identification, BigEndian.getShort(part, 26));
        assertEquals(sequence, BigEndian.getInt(part, TCP_AT + 4) & 0xffff_ffffL);
        assertEquals(flags, BigEndian.getByte(part, TCP_AT + 13));
        assertEquals(data, Packet.hex(part, HEADERS, length));
        assertEquals(0xffff, sum(22, 20, 0), "IPv4 header");
        assertEquals(0xffff, sum(TCP_AT, 20 + length, 0x0a09 + 0x0003 + 0x0a09 + 0x0002 + 6 + 20 + length), "TCP");
    }

    /** One's complement sum, RFC 1071, word by word: not the code under test. */
    private int sum(int offset, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            int octet = part.get(JAVA_BYTE, offset + i) & 0xff;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum;
    }

    @Test
    void shouldRefuseADamagedFrame() {
        MemorySegment frame = superFrame();
        BigEndian.putShort(frame, TCP_AT + 16, BigEndian.getShort(frame, TCP_AT + 16) ^ 1);
        assertFalse(segments.begin(frame, 0, (int) frame.byteSize(), HEADERS + 4));
        assertFalse(segments.hasNext());
    }

    @Test
    void shouldRefuseWhatIsCutOffOrNoTcp() {
        MemorySegment frame = superFrame();
        for (int length = 0; length < frame.byteSize(); length++) {
            assertFalse(segments.begin(Packet.truncated(frame, length), 0, length, HEADERS + 4), "length " + length);
            assertFalse(segments.hasNext());
        }
        BigEndian.putByte(frame, 31, 17);
        assertFalse(segments.begin(frame, 0, (int) frame.byteSize(), HEADERS + 4));
    }

    @Test
    void shouldRefuseAnUnderlayThatHasNoRoomForData() {
        MemorySegment frame = superFrame();
        assertFalse(segments.begin(frame, 0, (int) frame.byteSize(), HEADERS));
        assertFalse(segments.hasNext());
    }
}
