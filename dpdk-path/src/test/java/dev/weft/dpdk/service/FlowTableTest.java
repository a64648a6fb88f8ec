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
    private final FlowKeys keys = FlowKeys.ofVips(1);

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
        int flow = put(table, TUPLE, 1, 2, 3, 4, 5, 6, FlowState.UDP, 0);
        assertEquals(flow, find(table, TUPLE, 1, 2, 3, 4, 0));
        assertEquals(flow, findReply(table, TUPLE, 5, 6, 1, 2, 0));
        assertEquals(3, table.vipHigh(flow));
        assertEquals(4, table.vipLow(flow));
        assertEquals(5, table.backendHigh(flow));
        assertEquals(6, table.backendLow(flow));
        for (long[] other : new long[][] {{TUPLE + 1, 1, 2, 3, 4}, {TUPLE, 0, 2, 3, 4}, {TUPLE, 1, 0, 3, 4}, {TUPLE, 1, 2, 0, 4}, {TUPLE, 1, 2, 3, 0},
            {TUPLE, 3, 4, 1, 2}, {TUPLE, 5, 6, 1, 2}}) {
            assertEquals(FlowTable.NONE, find(table, other[0], other[1], other[2], other[3], other[4], 0));
        }
        assertEquals(FlowTable.NONE, findReply(table, TUPLE, 1, 2, 3, 4, 0), "the client's side is not the backend's");
    }

    @Test
    void shouldHaveNoFlowAtFirstAtAnyTime() {
        assertEquals(0, table.size());
        assertEquals(FlowTable.NONE, find(table, 0, 0, 0, 0, 0, 0));
        assertEquals(FlowTable.NONE, findReply(table, 0, 0, 0, 0, 0, Integer.MAX_VALUE));
    }

    @Test
    void shouldExpireByItsStateAndLastUse() {
        int flow = put(1, FlowState.UDP, 0);
        assertEquals(flow, find(1, 299));
        assertEquals(FlowTable.NONE, find(1, 300));
        table.used(flow, FlowState.UDP, 200);
        assertEquals(flow, find(1, 510));
        assertEquals(511, table.expires(flow));
        table.used(flow, FlowState.UDP, 211);
        assertEquals(511, table.expires(flow), "nothing to write for 16 s");
        table.used(flow, FlowState.UDP, 212);
        assertEquals(527, table.expires(flow));
        table.sweep(SMALLEST, 527);
        assertEquals(0, table.size());
        assertEquals(0, live.count());
        table.sweep(SMALLEST, 1000);
        assertEquals(0, table.size(), "once");
    }

    @Test
    void shouldRememberAPositionWhateverItsStateAndItsEndAre() {
        int flow = put(1, FlowState.ESTABLISHED, 100);
        assertEquals(0, FlowRecords.position(table.life(flow)));
        table.position(flow, 0x7f_ffff);
        assertEquals(0x7f_ffff, FlowRecords.position(table.life(flow)));
        assertEquals(FlowState.ESTABLISHED, table.state(flow));
        assertEquals(432_100, table.expires(flow));
        table.used(flow, FlowState.CLOSED, 200);
        assertEquals(0x7f_ffff, FlowRecords.position(table.life(flow)));
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
        int flow = put(table, TUPLE, 0, 1, 0, 0, 7, 8, FlowState.UDP, 400);
        assertEquals(1, table.size());
        assertEquals(1, live.count());
        assertEquals(8, table.backendLow(flow));
        assertEquals(FlowTable.NONE, findReply(table, TUPLE, 0, 101, 0, 1, 0), "nothing is left of the first one");
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
        Map<Long, Integer> ends = new HashMap<>();
        SplittableRandom random = new SplittableRandom(20_261_124);
        for (int now = 0; now < 40_000; now++) {
            long low = random.nextInt(600);
            int found = find(large, TUPLE, 0, low, 0, 9, now);
            if (found == FlowTable.NONE) {
                assertNotEquals(FlowTable.NONE, put(large, TUPLE, 0, low, 0, 9, 0, low + 1000, FlowState.UDP, now));
                ends.put(low, now + 300);
            } else if (random.nextInt(3) == 0) {
                large.remove(found);
                ends.remove(low);
            } else {
                large.used(found, FlowState.UDP, now);
                ends.put(low, FlowState.end(FlowState.UDP, now));
            }
            large.sweep(random.nextInt(4), now);
            long asked = random.nextInt(600);
            boolean there = ends.containsKey(asked) && ends.get(asked) > now;
            int flow = find(large, TUPLE, 0, asked, 0, 9, now);
            assertEquals(there, flow != FlowTable.NONE, "flow " + asked + " at " + now);
            assertEquals(flow, findReply(large, TUPLE, 0, asked + 1000, 0, asked, now));
            assertTrue(flow == FlowTable.NONE || large.backendLow(flow) == asked + 1000);
        }
        assertEquals(large.size(), live.count());
        large.sweep(1024, 50_000);
        assertEquals(0, large.size());
        assertEquals(0, live.count());
    }

    /** As many as it has room for. */
    @Test
    void shouldFindEachOfManyFlowsFromBothSides() {
        FlowTable many = new FlowTable(1 << 17);
        int flows = 1 << 17;
        int[] places = new int[flows];
        for (int flow = 0; flow < flows; flow++) {
            places[flow] = put(many, TUPLE, 0, flow, 0, 0, 0, flow + flows, FlowState.UDP, 0);
            assertNotEquals(FlowTable.NONE, places[flow]);
        }
        for (int flow = 0; flow < flows; flow++) {
            assertEquals(places[flow], find(many, TUPLE, 0, flow, 0, 0, 0));
            assertEquals(places[flow], findReply(many, TUPLE, 0, flow + flows, 0, flow, 0));
        }
        many.sweep(flows, FlowState.lifetime(FlowState.UDP));
        assertEquals(0, many.size());
    }

    /** A monitor's one socket, say. What is in other buckets is found there, and found no more once it is gone. */
    @Test
    void shouldFindTheFlowsOfOneClientPortToAsManyVipsAsAreInReach() {
        FlowTable many = new FlowTable(1 << 10);
        int[] places = new int[FlowIndex.SAME_KEY];
        for (int vip = 0; vip < FlowIndex.SAME_KEY; vip++) {
            places[vip] = put(many, TUPLE, 0, 1, 0, vip, 0, 1000 + vip, FlowState.ESTABLISHED, 0);
        }
        assertEquals(FlowIndex.SAME_KEY, many.size());
        assertEquals(FlowTable.NONE, put(many, TUPLE, 0, 1, 0, 999, 0, 1999, FlowState.ESTABLISHED, 0), "no connection of them is given up");
        for (int vip = 0; vip < FlowIndex.SAME_KEY; vip++) {
            assertEquals(places[vip], find(many, TUPLE, 0, 1, 0, vip, 0));
            assertEquals(places[vip], findReply(many, TUPLE, 0, 1000 + vip, 0, 1, 0));
        }
        many.remove(places[3]);
        assertEquals(FlowTable.NONE, find(many, TUPLE, 0, 1, 0, 3, 0));
        assertEquals(places[3], put(many, TUPLE, 0, 1, 0, 999, 0, 1999, FlowState.SYN_SENT, 0));
        assertEquals(places[3], put(many, TUPLE, 0, 1, 0, 998, 0, 1998, FlowState.UDP, 1), "nobody had confirmed it");
        many.sweep(many.sweepOfAll(), FlowState.lifetime(FlowState.ESTABLISHED));
        assertEquals(0, many.size());
        assertEquals(0, live.count());
        assertEquals(FlowTable.NONE, find(many, TUPLE, 0, 1, 0, 5, 0));
    }

    /** Places go round: the last bucket's flows go on into the first one. */
    @Test
    void shouldGoOnFromTheLastBucketToTheFirstOne() {
        for (int client = 0; client < 64; client++) { // in any of the four buckets
            FlowTable small = new FlowTable(SMALLEST);
            for (int vip = 0; vip < SMALLEST; vip++) {
                assertNotEquals(FlowTable.NONE, put(small, TUPLE, 0, client, 0, vip, 0, 100 + vip, FlowState.ESTABLISHED, 0));
            }
            for (int vip = 0; vip < SMALLEST; vip++) {
                assertEquals(vip, small.vipLow(find(small, TUPLE, 0, client, 0, vip, 0)));
            }
            small.sweep(small.sweepOfAll(), FlowState.lifetime(FlowState.ESTABLISHED));
            assertEquals(0, small.size());
        }
    }

    /** What a look-up of the burst found has been removed or replaced when it is looked at again. */
    @Test
    void shouldFindWhatIsThereWhateverWasFoundBefore() {
        int flow = put(3, FlowState.SYN_SENT, 0);
        write(false, TUPLE, 0, 3, 0, 0);
        assertEquals(flow, table.find(FlowTable.NONE, keys, 0, 0));
        assertEquals(flow, table.find(flow, keys, 0, 0));
        assertEquals(FlowTable.NONE, table.find(flow, keys, 0, FlowState.lifetime(FlowState.SYN_SENT)), "it has expired");
        table.remove(flow);
        assertEquals(FlowTable.NONE, table.find(flow, keys, 0, 0));
        int newcomer = put(table, TUPLE, 0, 3, 0, 7, 0, 107, FlowState.UDP, 0);
        assertEquals(flow, newcomer, "in its place");
        write(false, TUPLE, 0, 3, 0, 0);
        assertEquals(FlowTable.NONE, table.find(flow, keys, 0, 0));
        write(false, TUPLE, 0, 3, 0, 7);
        assertEquals(newcomer, table.find(newcomer + 1, keys, 0, 0), "another was expected");
    }

    private int put(int flow, int state, int now) {
        return put(table, TUPLE, 0, flow, 0, 0, 0, 100 + flow, state, now);
    }

    private int put(FlowTable into, long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, long backendHigh, long backendLow,
                    int state, int now) {
        write(false, tuple, clientHigh, clientLow, vipHigh, vipLow);
        return into.put(keys, 0, backendHigh, backendLow, state, live, now);
    }

    private int find(int flow, int now) {
        return find(table, TUPLE, 0, flow, 0, 0, now);
    }

    private int find(FlowTable in, long tuple, long clientHigh, long clientLow, long vipHigh, long vipLow, int now) {
        write(false, tuple, clientHigh, clientLow, vipHigh, vipLow);
        return in.find(keys, 0, now);
    }

    private int findReply(FlowTable in, long tuple, long backendHigh, long backendLow, long clientHigh, long clientLow, int now) {
        write(true, tuple, backendHigh, backendLow, clientHigh, clientLow);
        return in.find(keys, 0, now);
    }

    private void write(boolean reply, long tuple, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        keys.ofReplies(reply);
        keys.write(0, tuple, sourceHigh, sourceLow, destinationHigh, destinationLow);
    }
}
