package dev.weft.dpdk.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoalescerTest {

    private static final int SEGMENT = 1000;
    private static final int ACK_PSH = TcpHeader.ACK | TcpHeader.PSH;
    private final ArenaPool pool = new ArenaPool(Burst.CAPACITY, 2048);
    private final TapFrames frames = new TapFrames();
    private final Coalescer coalescer = new Coalescer(true);
    private final Burst burst = new Burst();

    @BeforeEach
    void begin() {
        burst.begin(Tables.EMPTY, pool.memory(), 0);
    }

    /** Adds the segments of a stretch of a flow. */
    private void add(boolean ipv4, int port, int flags, int payload) {
        add(SuperFrames.tcp(frames.memory(), ipv4, port, flags, payload, SEGMENT));
    }

    private void add(int read) {
        frames.begin(read);
        long[] buffer = new long[1];
        while (frames.hasNext()) {
            assertEquals(1, pool.allocate(buffer, 1));
            long offset = pool.dataOffset(buffer[0]);
            burst.add(buffer[0], offset, frames.next(pool.memory(), offset, pool.dataRoom()));
        }
    }

    /** The slots of each group, found in the order given. */
    private List<List<Integer>> groups(int... order) {
        coalescer.find(burst, order, order.length);
        List<List<Integer>> groups = new ArrayList<>();
        for (int group = 0; group < coalescer.groups(); group++) {
            List<Integer> slots = new ArrayList<>();
            for (int slot = coalescer.first(group); slot != Coalescer.NONE; slot = coalescer.after(slot)) {
                slots.add(slot);
            }
            groups.add(slots);
        }
        return groups;
    }

    private int[] all() {
        return IntStream.range(0, burst.count).toArray();
    }

    private long tcp(int slot) {
        return burst.offset[slot] + SuperFrames.IP + Ipv4Header.MIN_LENGTH;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldMakeTheSuperFrameThatTheSegmentsWereCutFrom(boolean ipv4) {
        add(ipv4, 1000, ACK_PSH, 3500);
        assertEquals(List.of(List.of(0, 1, 2, 3)), groups(all()));
        coalescer.finish(burst, 0);
        long frame = burst.offset[0];
        int headers = SuperFrames.tcpHeaders(ipv4);
        int transport = headers - 32;
        // begin() has left the super-frame in memory as it was
        assertEquals(-1, pool.memory().asSlice(frame, headers).mismatch(frames.memory().asSlice(VnetHeader.LENGTH, headers)));
        assertEquals(-1, pool.memory().asSlice(frame - VnetHeader.LENGTH, VnetHeader.LENGTH).mismatch(frames.memory().asSlice(0, VnetHeader.LENGTH)));
        assertEquals(transport, VnetHeader.csumStart(pool.memory(), frame - VnetHeader.LENGTH));
    }

    private void addUdp(boolean ipv4, int payload) {
        add(SuperFrames.udp(frames.memory(), ipv4, payload, SEGMENT));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldMakeTheSuperFrameThatTheDatagramsWereCutFrom(boolean ipv4) {
        addUdp(ipv4, 3500);
        assertEquals(List.of(List.of(0, 1, 2, 3)), groups(all()));
        coalescer.finish(burst, 0);
        long frame = burst.offset[0];
        int headers = SuperFrames.IP + (ipv4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH) + UdpHeader.LENGTH;
        assertEquals(-1, pool.memory().asSlice(frame, headers).mismatch(frames.memory().asSlice(VnetHeader.LENGTH, headers)));
        assertEquals(-1, pool.memory().asSlice(frame - VnetHeader.LENGTH, VnetHeader.LENGTH).mismatch(frames.memory().asSlice(0, VnetHeader.LENGTH)));
    }

    /** A datagram that is shorter is the last; without a checksum, or with a wrong one, it stays alone. */
    @Test
    void shouldJoinDatagramsOfOneLengthWhoseChecksumIsRight() {
        addUdp(true, 1500);
        addUdp(true, 2000);
        assertEquals(List.of(List.of(0, 1), List.of(2, 3)), groups(all()));
        UdpHeader.checksum(pool.memory(), tcp(3), 0);
        assertEquals(List.of(List.of(0, 1), List.of(2), List.of(3)), groups(all()));
        UdpHeader.checksum(pool.memory(), tcp(1), UdpHeader.checksum(pool.memory(), tcp(1)) ^ 1);
        assertEquals(List.of(List.of(0), List.of(1), List.of(2), List.of(3)), groups(all()));
    }

    @Test
    void shouldTellTcpAndUdpOfTheSamePortsApart() {
        add(true, 5000, TcpHeader.ACK, 2000);
        addUdp(true, 2000);
        BigEndian.putShort(pool.memory(), tcp(0) + 2, 53);
        BigEndian.putShort(pool.memory(), tcp(1) + 2, 53);
        repair(0);
        repair(1);
        assertEquals(List.of(List.of(0, 1), List.of(2, 3)), groups(0, 2, 1, 3));
    }

    @Test
    void shouldLeaveDatagramsAloneWhereTheTapKnowsOnlyTcp() {
        addUdp(true, 2000);
        Coalescer tcpOnly = new Coalescer(false);
        tcpOnly.find(burst, all(), burst.count);
        assertEquals(2, tcpOnly.groups());
    }

    @Test
    void shouldTellFlowsApartAndKeepTheOrderOfEach() {
        add(true, 1000, TcpHeader.ACK, 3000);
        add(true, 2000, TcpHeader.ACK, 2000);
        add(false, 1000, TcpHeader.ACK, 2000);
        assertEquals(List.of(List.of(0, 1, 2), List.of(3, 4), List.of(5, 6)), groups(0, 3, 1, 5, 4, 2, 6));
    }

    @Test
    void shouldNotJoinWhatIsOutOfOrder() {
        add(true, 1000, TcpHeader.ACK, 3000);
        assertEquals(List.of(List.of(0), List.of(2), List.of(1)), groups(0, 2, 1));
    }

    @Test
    void shouldNotJoinWhatIsSentAgain() {
        add(true, 1000, TcpHeader.ACK, 2000);
        add(true, 1000, TcpHeader.ACK, 2000);
        assertEquals(List.of(List.of(0, 1), List.of(2, 3)), groups(all()));
    }

    @Test
    void shouldEndWithAShortSegmentOrAPush() {
        add(true, 1000, ACK_PSH, 1500);
        add(true, 1000, ACK_PSH, 1500);
        TcpHeader.sequenceNumber(pool.memory(), tcp(2), SuperFrames.SEQUENCE + 1500);
        assertEquals(List.of(List.of(0, 1), List.of(2), List.of(3)), groups(all()));
    }

    @Test
    void shouldLeaveADamagedSegmentToTheKernel() {
        add(true, 1000, TcpHeader.ACK, 4000);
        BigEndian.putByte(pool.memory(), burst.offset[1] + 500, ~BigEndian.getByte(pool.memory(), burst.offset[1] + 500));
        assertEquals(List.of(List.of(0), List.of(1), List.of(2, 3)), groups(all()));
        BigEndian.putByte(pool.memory(), burst.offset[2] + 500, ~BigEndian.getByte(pool.memory(), burst.offset[2] + 500));
        assertEquals(List.of(List.of(0), List.of(1), List.of(2), List.of(3)), groups(all()));
    }

    @Test
    void shouldNotJoinWhatDiffersInItsHeaders() {
        int[] fields = {0, 6, SuperFrames.IP + 1, SuperFrames.IP + 8, SuperFrames.IP + 20 + 8, SuperFrames.IP + 20 + 13, SuperFrames.IP + 20 + 15,
            SuperFrames.IP + 20 + 31};
        for (int field : fields) {
            begin();
            add(true, 1000, TcpHeader.ACK, 2000);
            assertEquals(List.of(List.of(0, 1)), groups(all()));
            BigEndian.putByte(pool.memory(), burst.offset[1] + field, BigEndian.getByte(pool.memory(), burst.offset[1] + field) ^ 0x40);
            repair(1);
            assertEquals(List.of(List.of(0), List.of(1)), groups(all()), "byte " + field);
            pool.free(burst.buffer, burst.count);
        }
    }

    private void repair(int slot) {
        long ip = burst.offset[slot] + SuperFrames.IP;
        Ipv4Header.fillChecksum(pool.memory(), ip);
        TcpHeader.checksum(pool.memory(), tcp(slot), 0);
        int length = burst.length[slot] - SuperFrames.IP - Ipv4Header.MIN_LENGTH;
        TcpHeader.checksum(pool.memory(), tcp(slot), InternetChecksum.ofTransportIpv4(pool.memory(), ip, IpProtocol.TCP, tcp(slot), length));
    }

    @Test
    void shouldPassAcknowledgmentsAndOtherFramesAlone() {
        add(true, 1000, TcpHeader.ACK, 2000);
        add(true, 1000, TcpHeader.ACK, 1);
        burst.length[2]--; // a frame that is shorter than its IP header says
        long[] buffer = new long[1];
        pool.allocate(buffer, 1);
        burst.add(buffer[0], pool.dataOffset(buffer[0]), 14);
        assertEquals(List.of(List.of(0, 1), List.of(2), List.of(3)), groups(all()));
        assertFalse(coalescer.isSuperFrame(1));
        assertTrue(coalescer.isSuperFrame(0));
        int ack = 0;
        burst.length[ack] = SuperFrames.tcpHeaders(true);
        Ipv4Header.totalLength(pool.memory(), burst.offset[ack] + SuperFrames.IP, burst.length[ack] - SuperFrames.IP);
        repair(ack);
        assertEquals(List.of(List.of(1), List.of(0)), groups(1, 0));
    }

    @Test
    void shouldStayBelowTheLongestPacketOfIp() {
        for (int n = 0; n < 40; n++) {
            add(false, 1000, TcpHeader.ACK, 1);
            grow(n);
        }
        List<List<Integer>> found = groups(all());
        assertEquals(2, found.size());
        int bytes = found.getFirst().size() * 1900 + SuperFrames.tcpHeaders(false) - SuperFrames.IP;
        assertTrue(bytes <= 65_535 && bytes + 1900 > 65_535, found.getFirst().size() + " segments");
    }

    /** Makes segment n of a stream of 1900 bytes a segment. */
    private void grow(int n) {
        long frame = burst.offset[n];
        long ip = frame + SuperFrames.IP;
        long tcp = ip + Ipv6Header.LENGTH;
        int length = 32 + 1900;
        burst.length[n] = SuperFrames.IP + Ipv6Header.LENGTH + length;
        Ipv6Header.payloadLength(pool.memory(), ip, length);
        TcpHeader.sequenceNumber(pool.memory(), tcp, n * 1900);
        TcpHeader.checksum(pool.memory(), tcp, 0);
        TcpHeader.checksum(pool.memory(), tcp, InternetChecksum.ofTransportIpv6(pool.memory(), ip, IpProtocol.TCP, tcp, length));
    }
}
