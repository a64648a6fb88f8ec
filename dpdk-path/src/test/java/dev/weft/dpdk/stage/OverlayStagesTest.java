package dev.weft.dpdk.stage;

import static dev.weft.dpdk.underlay.UnderlayPackets.FLOW_HASH;
import static dev.weft.dpdk.underlay.UnderlayPackets.INNER_FRAME;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_A;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_TO_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV6_A;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV6_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV6_TO_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.MAC_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.VNI;
import static dev.weft.dpdk.underlay.UnderlayPackets.VXLAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.OuterHeaders;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.Underlay;
import dev.weft.dpdk.underlay.UnderlayPackets;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** VxlanDecap, SourceCheck, NextHop and VxlanEncap. */
class OverlayStagesTest {

    private static final int UPLINK = 2;
    private static final InetAddress STRANGER = InetAddress.ofLiteral("192.0.2.99");
    private static final Tables TABLES = UnderlayTables.with(IPV4_A, IPV4_B, STRANGER);
    private static final Tables IPV6_TABLES = UnderlayTables.with(IPV6_A, IPV6_B);

    private final Burst burst = new Burst();

    @Test
    void shouldStripVxlanAndFindTheNetwork() {
        decap(VXLAN, IPV4_B);

        assertTrue(burst.isOpen(0));
        assertEquals(INNER_FRAME, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
        assertEquals(VNI, TABLES.vni(burst.network[0]));
    }

    @Test
    void shouldIgnoreReservedBits() {
        decap(VXLAN.replaceFirst("0800000012345600", "ffffffff123456ff"), IPV4_B);

        assertTrue(burst.isOpen(0));
    }

    @Test
    void shouldRefuseForeignVxlan() {
        assertDecapDrops(DropReason.VNI_FLAG_CLEAR, VXLAN.replaceFirst("08", "00"), IPV4_B);
        assertDecapDrops(DropReason.UNKNOWN_VNI, VXLAN.replaceFirst("123456", "123457"), IPV4_B);
        assertDecapDrops(DropReason.UNKNOWN_VTEP, VXLAN, null);
        // Another network has a member there, this one has not.
        assertDecapDrops(DropReason.UNKNOWN_VTEP, VXLAN, STRANGER);
        for (int length = 0; length < 8; length++) {
            assertDecapDrops(DropReason.TRUNCATED, VXLAN.substring(0, 2 * length), IPV4_B);
        }
    }

    @Test
    void shouldAcceptAMacOnlyFromWhereItLives() {
        assertSource(true, UnderlayTables.REMOTE_MAC, IPV4_B);
        assertSource(true, UnderlayTables.GATEWAY_MAC, IPV4_B);
        assertSource(false, UnderlayTables.REMOTE_MAC + 1, IPV4_B);
        assertSource(false, UnderlayTables.LOCAL_MAC, IPV4_B);
        assertSource(false, UnderlayTables.REMOTE_MAC, STRANGER);
    }

    private void assertSource(boolean accepted, long mac, InetAddress from) {
        MemorySegment memory = Packet.of("02420a000103", String.format("%012x", mac), "0800");
        begin(TABLES, memory, 0, from);
        burst.network[0] = TABLES.network(VNI);
        new SourceCheck().process(burst);
        assertEquals(accepted, burst.isOpen(0));
        if (!accepted) {
            assertEquals(DropReason.SOURCE_MAC_MISMATCH.ordinal(), burst.reason(0));
        }
    }

    @Test
    void shouldEncapsulateForAnEthernetUplinkAsScapyDoes() {
        assertEquals(IPV4_TO_B, encapsulated(UnderlayPackets.ipv4(true), TABLES, IPV4_B));
        assertEquals(IPV6_TO_B, encapsulated(UnderlayPackets.ipv6(true), IPV6_TABLES, IPV6_B));
    }

    private String encapsulated(Underlay underlay, Tables tables, InetAddress to) {
        NextHopTable nextHops = new NextHopTable(RouteTable.ON_LINK);
        nextHops.adopt(tables.vteps(), 0);
        nextHops.heard(AddressBits.high(to), AddressBits.low(to), MAC_B.value(), 0);
        outbound(tables, to);
        new NextHop(nextHops, () -> 0).process(burst);
        new VxlanEncap(UPLINK, underlay.vtep(), 4789, new OuterHeaders(underlay)).process(burst);
        assertTrue(burst.isSend(0));
        assertEquals(UPLINK, burst.outPort[0]);
        return Packet.hex(burst.memory(), burst.offset[0], burst.length[0]);
    }

    @Test
    void shouldPutEightBytesBeforeTheFrameForASocket() {
        outbound(TABLES, IPV4_B);

        new VxlanEncap(UPLINK, UnderlayPackets.IPV4_A, 4789, null).process(burst);

        assertTrue(burst.isSend(0));
        assertEquals(VXLAN, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
        assertEquals(IPV4_B, TABLES.vteps().get(burst.peer[0]));
    }

    @Test
    void shouldDropWhileTheNextHopIsUnresolved() {
        outbound(TABLES, IPV4_B);

        new NextHop(new NextHopTable(RouteTable.ON_LINK), () -> 0).process(burst);

        assertFalse(burst.isOpen(0));
        assertEquals(DropReason.NEXT_HOP_UNRESOLVED.ordinal(), burst.reason(0));
    }

    @Test
    void shouldPassByWhatIsDecidedOrHasNoVtepToGoTo() {
        outbound(TABLES, IPV4_B);
        burst.drop(0, DropReason.TOO_BIG);
        burst.add(1, 70, 10);

        new NextHop(new NextHopTable(RouteTable.ON_LINK), () -> 0).process(burst);
        new VxlanEncap(UPLINK, UnderlayPackets.IPV4_A, 4789, new OuterHeaders(UnderlayPackets.ipv4(true))).process(burst);

        assertEquals(DropReason.TOO_BIG.ordinal(), burst.reason(0));
        assertTrue(burst.isOpen(1));
    }

    private void assertDecapDrops(DropReason reason, String packet, InetAddress from) {
        decap(packet, from);

        assertFalse(burst.isOpen(0));
        assertEquals(reason.ordinal(), burst.reason(0), packet);
    }

    private void decap(String packet, InetAddress from) {
        begin(TABLES, Packet.of(packet), 0, from);
        new VxlanDecap().process(burst);
    }

    private void outbound(Tables tables, InetAddress to) {
        begin(tables, Packet.of("ff".repeat(70), INNER_FRAME), 70, to);
        burst.network[0] = tables.network(VNI);
        burst.flowHash[0] = FLOW_HASH;
    }

    private void begin(Tables tables, MemorySegment memory, int offset, InetAddress peer) {
        burst.begin(tables, memory, 0);
        burst.add(0, offset, (int) memory.byteSize() - offset);
        burst.peer[0] = peer == null ? Burst.NONE : tables.vteps().indexOf(peer);
    }
}
