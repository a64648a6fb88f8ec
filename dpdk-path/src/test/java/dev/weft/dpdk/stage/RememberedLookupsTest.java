package dev.weft.dpdk.stage;

import static dev.weft.dpdk.stage.UnderlayTables.REMOTE_MAC;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_A;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_B;
import static dev.weft.dpdk.underlay.UnderlayPackets.IPV4_TO_A;
import static dev.weft.dpdk.underlay.UnderlayPackets.VNI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.Tables;
import dev.weft.dpdk.underlay.NextHopTable;
import dev.weft.dpdk.underlay.RouteTable;
import dev.weft.dpdk.underlay.UnderlayPackets;
import dev.weft.testing.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Stages that remember what they looked up for the packet before: only for what is asked in the same words, and never past a snapshot. */
class RememberedLookupsTest {

    private static final int SLOT = 64;
    private static final int OTHER_VNI = 1;
    private static final InetAddress STRANGER = InetAddress.ofLiteral("192.0.2.99");
    /** One MAC in two networks, behind B in the one and behind the stranger in the other. */
    private static final Tables TABLES = UnderlayTables.with(IPV4_A, IPV4_B, STRANGER);
    /** The other way round. */
    private static final Tables MOVED = UnderlayTables.with(IPV4_A, STRANGER, IPV4_B);
    private static final Tables GONE = UnderlayTables.with(IPV4_A);

    private final MemorySegment memory = Arena.ofAuto().allocate(8 * SLOT);
    private final Burst burst = new Burst();

    @Test
    void shouldSendWhereTheMacLivesNow() {
        Stage fdb = Fdb.outbound();
        for (int round = 0; round < 2; round++) {
            begin(TABLES);
            frame(REMOTE_MAC, 2, VNI);
            frame(REMOTE_MAC, 2, VNI);
            frame(REMOTE_MAC, 2, OTHER_VNI);
            frame(REMOTE_MAC + 1, 2, VNI);
            frame(REMOTE_MAC, 2, VNI);
            fdb.process(burst);
            assertPeers(IPV4_B, IPV4_B, STRANGER, null, IPV4_B);
            assertEquals(DropReason.UNKNOWN_UNICAST.ordinal(), burst.reason(3));

            begin(MOVED);
            frame(REMOTE_MAC, 2, VNI);
            frame(REMOTE_MAC, 2, OTHER_VNI);
            fdb.process(burst);
            assertPeers(STRANGER, IPV4_B);

            begin(GONE);
            frame(REMOTE_MAC, 2, VNI);
            fdb.process(burst);
            assertDropped(0, DropReason.UNKNOWN_UNICAST);
        }
    }

    /** So many that they are read ahead. */
    @Test
    void shouldFindEachOfManyMacs() {
        int many = 5000;
        Tables tables = UnderlayTables.ofMany(many, IPV4_B, STRANGER);
        assertTrue(tables.hasManyMacs());
        assertFalse(TABLES.hasManyMacs());
        Stage fdb = Fdb.outbound();
        for (int i = 0; i < many; i += 5) {
            begin(tables);
            frame(REMOTE_MAC + 100L * i, 2, VNI);
            frame(REMOTE_MAC + 100L * (i + 1), 2, VNI);
            frame(REMOTE_MAC + 100L * i + 1, 2, VNI);
            burst.drop(frame(1L << 40, 2, VNI), DropReason.POLICY);
            frame(REMOTE_MAC + 100L * i, 2, VNI);
            fdb.process(burst);
            InetAddress vtep = i % 2 == 0 ? IPV4_B : STRANGER;
            InetAddress other = i % 2 == 0 ? STRANGER : IPV4_B;
            assertOpen(0b10011);
            assertEquals(tables.vteps().indexOf(vtep), burst.peer[0]);
            assertEquals(tables.vteps().indexOf(other), burst.peer[1]);
            assertDropped(2, DropReason.UNKNOWN_UNICAST);
            assertEquals(tables.vteps().indexOf(vtep), burst.peer[4]);
        }
    }

    @Test
    void shouldAcceptAMacFromWhereItLivesNow() {
        Stage check = new SourceCheck();
        for (int round = 0; round < 2; round++) {
            begin(TABLES);
            from(IPV4_B, frame(1, REMOTE_MAC, VNI));
            from(IPV4_B, frame(1, REMOTE_MAC, VNI));
            from(STRANGER, frame(1, REMOTE_MAC, VNI));
            from(IPV4_B, frame(1, REMOTE_MAC, OTHER_VNI));
            from(IPV4_B, frame(1, REMOTE_MAC + 1, VNI));
            from(IPV4_B, frame(1, REMOTE_MAC, VNI));
            check.process(burst);
            assertOpen(0b100011);

            begin(MOVED);
            from(STRANGER, frame(1, REMOTE_MAC, VNI));
            from(IPV4_B, frame(1, REMOTE_MAC, VNI));
            check.process(burst);
            assertOpen(0b01);
        }
    }

    @Test
    void shouldTakeOnlyWhatTheVtepMaySendNow() {
        Stage decap = new VxlanDecap();
        for (int round = 0; round < 2; round++) {
            begin(TABLES);
            from(IPV4_B, vxlan(VNI));
            from(IPV4_B, vxlan(VNI));
            from(STRANGER, vxlan(VNI));
            from(STRANGER, vxlan(OTHER_VNI));
            burst.cipher[from(STRANGER, vxlan(OTHER_VNI))] = 1;
            from(IPV4_B, vxlan(VNI));
            decap.process(burst);
            assertOpen(0b101011);
            assertDropped(2, DropReason.UNKNOWN_VTEP);
            assertDropped(4, DropReason.CLEAR_TEXT);
            assertEquals(TABLES.network(VNI), burst.network[5]);
            assertEquals(TABLES.network(OTHER_VNI), burst.network[3]);

            begin(MOVED);
            from(IPV4_B, vxlan(VNI));
            from(STRANGER, vxlan(VNI));
            decap.process(burst);
            assertOpen(0b10);
        }
    }

    @Test
    void shouldKnowTheVtepByItsPlaceInTheSnapshot() {
        Stage parse = new UnderlayParse(UnderlayPackets.ipv4(false), new NextHopTable(RouteTable.ON_LINK), () -> 0);
        Tables first = UnderlayTables.with(IPV4_A, IPV4_B);
        Tables second = UnderlayTables.with(IPV4_A, STRANGER, IPV4_B);
        for (Tables tables : new Tables[] {first, first, second, GONE, first}) {
            burst.begin(tables, Packet.of(IPV4_TO_A), 0);
            burst.add(0, 0, (int) burst.memory().byteSize());
            parse.process(burst);
            assertEquals(tables.vteps().indexOf(IPV4_B), burst.peer[0]);
        }
    }

    private void begin(Tables tables) {
        burst.begin(tables, memory, 0);
    }

    private int frame(long destination, long source, int vni) {
        int i = burst.add(0, (long) burst.count * SLOT, SLOT);
        EthernetHeader.write(memory, burst.offset[i], destination, source, EthernetHeader.ETHER_TYPE_IPV4);
        burst.network[i] = burst.tables.network(vni);
        return i;
    }

    private int vxlan(int vni) {
        int i = burst.add(0, (long) burst.count * SLOT, SLOT);
        VxlanHeader.write(memory, burst.offset[i], vni);
        return i;
    }

    private int from(InetAddress vtep, int i) {
        burst.peer[i] = burst.tables.vteps().indexOf(vtep);
        return i;
    }

    private void assertPeers(InetAddress... vteps) {
        for (int i = 0; i < vteps.length; i++) {
            assertEquals(vteps[i] == null ? Burst.NONE : burst.tables.vteps().indexOf(vteps[i]), burst.peer[i], "packet " + i);
        }
    }

    private void assertOpen(long slots) {
        assertEquals(Long.toBinaryString(slots), Long.toBinaryString(burst.open()));
    }

    private void assertDropped(int i, DropReason why) {
        assertTrue(!burst.isOpen(i) && !burst.isSend(i));
        assertEquals(why.ordinal(), burst.reason(i));
    }
}
