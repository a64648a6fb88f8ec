package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.dpdk.table.LiveFlows;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FlowTableTest {

    private static final int SMALLEST = 16;
    private static final long TUPLE = FlowTable.tuple(0xff_ffff, 6, 65535, 80);

    private final FlowTable table = new FlowTable(SMALLEST);
    private final LiveFlows live = new LiveFlows();

    @Test
    void shouldRefuseACapacityThatIsNoPowerOfTwo() {
        for (int capacity : new int[] {8, 24, 0, FlowTable.MAX_CAPACITY * 2}) {
            assertThrows(IllegalArgumentException.class, () -> new FlowTable(capacity));
        }
    }

    @Test
    void shouldPackEachPartOfATupleIntoBitsOfItsOwn() {
        assertEquals(0x123456_06_fffe_0050L, FlowTable.tuple(0x123456, 6, 65534, 80));
        assertEquals(0xffffff_ff_ffff_ffffL, FlowTable.tuple(0xff_ffff, 255, 65535, 65535));
        assertEquals(0x000000_11_0000_0001L, FlowTable.tuple(0, 17, 0, 1));
    }

    @Test
    void shouldFindAFlowFromBothSidesByAllOfItsPartsOnly() {
        int flow = table.put(TUPLE, 1, 2, 3, 4, 5, 6, FlowState.UDP, live, 0);
        assertEquals(flow, table.find(TUPLE, 1, 2, 3, 4, 0));
        assertEquals(flow, table.findReply(TUPLE, 5, 6, 1, 2, 0));
        assertEquals(3, table.vipHigh(flow));
        assertEquals(4, table.vipLow(flow));
        assertEquals(5, table.backendHigh(flow));
        assertEquals(6, table.backendLow(flow));
        for (long[] other : new long[][] {{TUPLE + 1, 1, 2, 3, 4}, {TUPLE, 0, 2, 3, 4}, {TUPLE, 1, 0, 3, 4}, {TUPLE, 1, 2, 0, 4}, {TUPLE, 1, 2, 3, 0},
            {TUPLE, 3, 4, 1, 2}, {TUPLE, 5, 6, 1, 2}}) {
            assertEquals(FlowTable.NONE, table.find(other[0], other[1], other[2], other[3], other[4], 0));
        }
        assertEquals(FlowTable.NONE, table.findReply(TUPLE, 1, 2, 3, 4, 0), "the client's side is not the backend's");
    }

    @Test
    void shouldHaveNoFlowAtFirstAtAnyTime() {
        assertEquals(0, table.size());
        assertEquals(FlowTable.NONE, table.find(0, 0, 0, 0, 0, 0));
        assertEquals(FlowTable.NONE, table.findReply(0, 0, 0, 0, 0, Integer.MAX_VALUE));
    }

    @Test
    void shouldExpireByItsStateAndLastUse() {
        int flow = put(1, FlowState.UDP, 0);
        assertEquals(flow, find(1, 299));
        assertEquals(FlowTable.NONE, find(1, 300));
        table.used(flow, FlowState.UDP, 200);
        assertEquals(flow, find(1, 499));
        assertEquals(500, table.expires(flow));
        table.sweep(SMALLEST, 500);
        assertEquals(0, table.size());
        assertEquals(0, live.count());
        table.sweep(SMALLEST, 1000);
        assertEquals(0, table.size(), "once");
    }

    @Test
    void shouldRememberAPositionWhateverItsStateAndItsEndAre() {
        int flow = put(1, FlowState.ESTABLISHED, 100);
        assertEquals(0, FlowRecords.position(table.life(flow)));
        table.position(flow, 0xff_ffff);
        assertEquals(0xff_ffff, FlowRecords.position(table.life(flow)));
        assertEquals(FlowState.ESTABLISHED, table.state(flow));
        assertEquals(432_100, table.expires(flow));
        table.used(flow, FlowState.CLOSED, 200);
        assertEquals(0xff_ffff, FlowRecords.position(table.life(flow)));
        assertEquals(FlowState.CLOSED, table.state(flow));
        assertEquals(210, table.expires(flow));
        table.remove(flow);
        assertEquals(0, FlowRecords.position(table.life(put(2, FlowState.UDP, 0))), "another flow in its place");
    }

    @Test
    void shouldNotLiveOnByPacketsOnceItIsOver() {
        int flow = put(1, FlowState.ESTABLISHED, 0);
        assertEquals(1, live.count());
        table.used(flow, FlowState.CLOSED, 100);
        assertEquals(0, live.count(), "it counts no more");
        table.used(flow, FlowState.CLOSED, 105);
        assertEquals(110, table.expires(flow));
        table.remove(flow);
        assertEquals(0, live.count());
    }

    @Test
    void shouldPutAFlowInThePlaceOfAnExpiredOneOfTheSameKey() {
        put(1, FlowState.UDP, 0);
        int flow = table.put(TUPLE, 0, 1, 0, 0, 7, 8, FlowState.UDP, live, 400);
        assertEquals(1, table.size());
        assertEquals(1, live.count());
        assertEquals(8, table.backendLow(flow));
        assertEquals(FlowTable.NONE, table.findReply(TUPLE, 0, 101, 0, 1, 0), "nothing is left of the first one");
    }

    @Test
    void shouldRefuseOneMoreWhenItIsFullOfConnections() {
        fill(FlowState.ESTABLISHED);
        assertEquals(FlowTable.NONE, put(100, FlowState.SYN_SENT, 7_439));
        assertEquals(SMALLEST, table.size());
        assertNotEquals(FlowTable.NONE, put(100, FlowState.SYN_SENT, 7_440), "RFC 5382 lets one go that has been idle so long");
        assertEquals(SMALLEST, table.size());
        assertEquals(SMALLEST, live.count());
    }

    @Test
    void shouldGiveThePlaceOfAnUnconfirmedConnectionAway() {
        fill(FlowState.SYN_SENT);
        for (int flow = 100; flow < 100 + SMALLEST; flow++) {
            assertNotEquals(FlowTable.NONE, put(flow, FlowState.SYN_SENT, 1));
        }
        assertEquals(SMALLEST, table.size());
        assertEquals(SMALLEST, live.count());
    }

    private void fill(int state) {
        for (int flow = 0; flow < SMALLEST; flow++) {
            assertNotEquals(FlowTable.NONE, put(flow, state, 0));
        }
    }

    @Test
    void shouldAgreeWithAMapWhileFlowsComeAndGo() {
        FlowTable large = new FlowTable(1024);
        Map<Long, Integer> oracle = new HashMap<>();
        SplittableRandom random = new SplittableRandom(20_261_124);
        for (int now = 0; now < 40_000; now++) {
            long low = random.nextInt(600);
            int found = large.find(TUPLE, 0, low, 0, 9, now);
            if (found == FlowTable.NONE) {
                assertNotEquals(FlowTable.NONE, large.put(TUPLE, 0, low, 0, 9, 0, low + 1000, FlowState.UDP, live, now));
                oracle.put(low, now);
            } else if (random.nextInt(3) == 0) {
                large.remove(found);
                oracle.remove(low);
            } else {
                large.used(found, FlowState.UDP, now);
                oracle.put(low, now);
            }
            large.sweep(random.nextInt(4), now);
            long asked = random.nextInt(600);
            boolean there = oracle.containsKey(asked) && oracle.get(asked) + 300 > now;
            int flow = large.find(TUPLE, 0, asked, 0, 9, now);
            assertEquals(there, flow != FlowTable.NONE, "flow " + asked + " at " + now);
            assertEquals(flow, large.findReply(TUPLE, 0, asked + 1000, 0, asked, now));
            assertTrue(flow == FlowTable.NONE || large.backendLow(flow) == asked + 1000);
        }
        assertEquals(large.size(), live.count());
        large.sweep(1024, 50_000);
        assertEquals(0, large.size());
        assertEquals(0, live.count());
    }

    /** So many that a number does not go into 16 bits. */
    @Test
    void shouldFindEachOfManyFlowsFromBothSides() {
        FlowTable many = new FlowTable(1 << 17);
        int flows = 100_000;
        for (int flow = 0; flow < flows; flow++) {
            assertEquals(flow, many.put(TUPLE, 0, flow, 0, 0, 0, flow + flows, FlowState.UDP, live, 0));
        }
        for (int flow = 0; flow < flows; flow++) {
            assertEquals(flow, many.find(TUPLE, 0, flow, 0, 0, 0));
            assertEquals(flow, many.findReply(TUPLE, 0, flow + flows, 0, flow, 0));
        }
        many.sweep(flows, FlowState.lifetime(FlowState.UDP));
        assertEquals(0, many.size());
    }

    /** What is prefetched has been removed, replaced or is still to come when it is looked for. */
    @Test
    void shouldFindWhatIsThereWhateverWasPrefetchedBefore() {
        long[] hashes = new long[Long.SIZE];
        int[] candidates = new int[Long.SIZE];
        for (int flow = 0; flow < Long.SIZE; flow++) {
            hashes[flow] = FlowTable.hash(TUPLE, 0, flow, 0, 0);
        }
        table.prefetch(hashes, 0, candidates);
        table.prefetch(hashes, -1, candidates);
        assertEquals(FlowTable.NONE, find(candidates[3], 3, 0));
        fill(FlowState.SYN_SENT);
        assertEquals(find(3, 0), find(candidates[3], 3, 0), "it came after");
        table.prefetch(hashes, -1, candidates);
        assertEquals(SMALLEST, table.size());
        for (int flow = 0; flow < SMALLEST; flow++) {
            assertEquals(find(flow, 0), candidates[flow]);
            assertEquals(find(flow, 0), find(candidates[flow], flow, 0));
            long hash = FlowTable.hash(TUPLE, 0, 100 + flow, 0, flow);
            assertEquals(find(flow, 0), table.findReply(candidates[flow], hash, TUPLE, 0, 100 + flow, 0, flow, 0));
        }
        assertEquals(FlowTable.NONE, find(candidates[3], 3, FlowState.lifetime(FlowState.SYN_SENT)), "it has expired");
        table.remove(find(3, 0));
        assertEquals(FlowTable.NONE, find(candidates[3], 3, 0));
        int newcomer = put(SMALLEST, FlowState.UDP, 0);
        assertEquals(candidates[3], newcomer, "in its place");
        assertEquals(FlowTable.NONE, find(candidates[3], 3, 0));
        assertEquals(newcomer, find(candidates[4], SMALLEST, 0), "another was expected");
        put(SMALLEST + 1, FlowState.UDP, 0); // evicts
        assertEquals(SMALLEST, table.size());
        table.prefetch(hashes, 0x8000_0000_0000_0001L, candidates);
        assertEquals(newcomer, find(SMALLEST, 0));
    }

    private int put(int flow, int state, int now) {
        return table.put(TUPLE, 0, flow, 0, 0, 0, 100 + flow, state, live, now);
    }

    private int find(int candidate, int flow, int now) {
        return table.find(candidate, FlowTable.hash(TUPLE, 0, flow, 0, 0), TUPLE, 0, flow, 0, 0, now);
    }

    private int find(int flow, int now) {
        return table.find(TUPLE, 0, flow, 0, 0, now);
    }
}
