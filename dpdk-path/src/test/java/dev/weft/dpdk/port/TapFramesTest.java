package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapFramesTest {

    private static final int ROOM = 2048;
    private final TapFrames frames = new TapFrames();
    private final MemorySegment target = Arena.ofAuto().allocate(ROOM);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutTcpIntoSegmentsAsTheKernelWould(boolean ipv4) {
        int headers = SuperFrames.tcpHeaders(ipv4);
        frames.begin(SuperFrames.tcp(frames.memory(), ipv4, 1000, TcpHeader.ACK | TcpHeader.PSH | TcpHeader.FIN | TcpHeader.CWR, 60_000, 1398));
        int done = 0;
        for (int n = 0; frames.hasNext(); n++) {
            int length = frames.next(target, 0, ROOM);
            long tcp = headers - 32;
            assertEquals(Math.min(1398, 60_000 - done), length - headers);
            assertTrue(SuperFrames.isComplete(target, 0, length, ipv4, IpProtocol.TCP), "segment " + n);
            assertEquals(SuperFrames.SEQUENCE + done, TcpHeader.sequenceNumber(target, tcp));
            int last = done + length - headers == 60_000 ? TcpHeader.PSH | TcpHeader.FIN : 0;
            assertEquals(TcpHeader.ACK | last | (n == 0 ? TcpHeader.CWR : 0), TcpHeader.flags(target, tcp));
            assertEquals(0x5566_7788, BigEndian.getInt(target, tcp + 28), "options");
            if (ipv4) {
                assertEquals(0xfffe + n & 0xffff, Ipv4Header.identification(target, SuperFrames.IP));
            }
            for (int i = headers; i < length; i++) {
                assertEquals(SuperFrames.payloadByte(done + i - headers), BigEndian.getByte(target, i));
            }
            done += length - headers;
        }
        assertEquals(60_000, done);
    }

    @Test
    void shouldFitWhereThereIsRoomForAllOfThem() {
        frames.begin(SuperFrames.tcp(frames.memory(), true, 1000, TcpHeader.ACK, 42 * 1398 + 1, 1398));
        assertFalse(frames.fits(42));
        assertTrue(frames.fits(43));
        frames.next(target, 0, ROOM);
        assertTrue(frames.fits(1), "once the first was handed out the others follow");

        frames.begin(SuperFrames.udp(frames.memory(), true, 3000, 1000));
        assertFalse(frames.fits(2));
        assertTrue(frames.fits(3));

        int read = SuperFrames.udp(frames.memory(), true, 100, 1000);
        VnetHeader.writeNone(frames.memory(), 0);
        frames.begin(read);
        assertTrue(frames.fits(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutUdpIntoDatagrams(boolean ipv4) {
        frames.begin(SuperFrames.udp(frames.memory(), ipv4, 2500, 1000));
        List<Integer> lengths = new ArrayList<>();
        int headers = SuperFrames.tcpHeaders(ipv4) - 32 + UdpHeader.LENGTH;
        while (frames.hasNext()) {
            int length = frames.next(target, 0, ROOM);
            assertTrue(SuperFrames.isComplete(target, 0, length, ipv4, IpProtocol.UDP));
            assertEquals(length - headers + UdpHeader.LENGTH, UdpHeader.length(target, headers - UdpHeader.LENGTH));
            lengths.add(length - headers);
        }
        assertEquals(List.of(1000, 1000, 500), lengths);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFillInTheChecksumOfAnOrdinaryFrame(boolean ipv4) {
        int read = SuperFrames.tcp(frames.memory(), ipv4, 1000, TcpHeader.ACK, 101, 1398);
        BigEndian.putByte(frames.memory(), 1, VnetHeader.GSO_NONE);
        frames.begin(read);
        int length = frames.next(target, 0, ROOM);
        assertEquals(read - VnetHeader.LENGTH, length);
        assertTrue(SuperFrames.isComplete(target, 0, length, ipv4, IpProtocol.TCP));
        assertFalse(frames.hasNext());
    }

    @Test
    void shouldLeaveAFinishedFrameAsItIs() {
        int read = SuperFrames.udp(frames.memory(), true, 100, 1000);
        VnetHeader.writeNone(frames.memory(), 0);
        byte[] before = frames.memory().asSlice(VnetHeader.LENGTH, read - VnetHeader.LENGTH).toArray(ValueLayout.JAVA_BYTE);
        frames.begin(read);
        int length = frames.next(target, 0, ROOM);
        assertEquals(-1, MemorySegment.ofArray(before).mismatch(target.asSlice(0, length)));
    }

    /** Whose headers would be written behind the last byte of a segment, and of the buffer. */
    @Test
    void shouldCutNoTcpWhoseHeaderIsShorterThanAHeader() {
        int segment = 11;
        int start = ROOM - segment;
        int read = SuperFrames.tcp(frames.memory(), true, 1000, TcpHeader.ACK, 3000, segment);
        frames.memory().set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) start); // csum_start of struct virtio_net_hdr
        BigEndian.putByte(frames.memory(), VnetHeader.LENGTH + start + 12, 0); // the data offset
        frames.begin(read);
        assertEquals(ROOM, frames.next(target, 0, ROOM), "cut, and dropped as too long");
        assertFalse(frames.hasNext());
    }

    /** A packet socket in a container can make any header it likes. */
    @Test
    void shouldSurviveEveryLengthAndHeadersThatAreNonsense() {
        Random random = new Random(6);
        byte[] noise = new byte[VnetHeader.LENGTH + 64];
        for (int n = 0; n < 200_000; n++) {
            int read = SuperFrames.tcp(frames.memory(), n % 2 == 0, 1000, TcpHeader.ACK, 3000, 1398);
            random.nextBytes(noise);
            int mutations = random.nextInt(8);
            for (int i = 0; i < mutations; i++) {
                int at = random.nextInt(noise.length);
                BigEndian.putByte(frames.memory(), at, noise[at]);
            }
            frames.begin(VnetHeader.LENGTH + 1 + random.nextInt(read - VnetHeader.LENGTH));
            int handedOut = 0;
            while (frames.hasNext() && handedOut < 70_000) {
                int length = frames.next(target, 0, ROOM);
                assertTrue(length > 0 && length <= ROOM, "length " + length);
                handedOut++;
            }
            assertFalse(frames.hasNext());
        }
    }
}
