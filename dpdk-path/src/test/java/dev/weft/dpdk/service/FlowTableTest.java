package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The smallest table is one set: there all flows collide. */
class FlowTableTest {

    private static final int SET = 16;
    private static final long KEY = FlowTable.tuple(0xff_ffff, 6, 65535, 80);

    private final FlowTable table = new FlowTable(SET);

    @Test
    void shouldRefuseACapacityThatIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(8));
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(24));
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(0));
    }

    @Test
    void shouldPackEachPartOfATupleIntoBitsOfItsOwn() {
        assertEquals(0x123456_06_fffe_0050L, FlowTable.tuple(0x123456, 6, 65534, 80));
        assertEquals(0xffffff_ff_ffff_ffffL, FlowTable.tuple(0xff_ffff, 255, 65535, 65535));
        assertEquals(0x000000_11_0000_0001L, FlowTable.tuple(0, 17, 0, 1));
    }

    @Test
    void shouldFindAFlowByAllOfItsPartsOnly() {
        int slot = table.put(KEY, 1, 2, 3, 4, 5, 6, 0, 10);
        assertEquals(slot, table.find(KEY, 1, 2, 3, 4, 0));
        assertEquals(5, table.translatedHigh(slot));
        assertEquals(6, table.translatedLow(slot));
        assertEquals(FlowTable.NONE, table.find(KEY + 1, 1, 2, 3, 4, 0));
        assertEquals(FlowTable.NONE, table.find(KEY, 0, 2, 3, 4, 0));
        assertEquals(FlowTable.NONE, table.find(KEY, 1, 0, 3, 4, 0));
        assertEquals(FlowTable.NONE, table.find(KEY, 1, 2, 0, 4, 0));
        assertEquals(FlowTable.NONE, table.find(KEY, 1, 2, 3, 0, 0));
        assertEquals(FlowTable.NONE, table.find(KEY, 3, 4, 1, 2, 0), "the other direction is another flow");
    }

    @Test
    void shouldHaveNoFlowAtFirstAtAnyTime() {
        assertEquals(FlowTable.NONE, table.find(0, 0, 0, 0, 0, 0));
        assertEquals(FlowTable.NONE, table.find(0, 0, 0, 0, 0, Integer.MAX_VALUE));
    }

    @Test
    void shouldExpireAtItsSecond() {
        int slot = put(1, 0, 10);
        assertEquals(slot, find(1, 9));
        assertEquals(FlowTable.NONE, find(1, 10));
        table.expireAt(slot, 12);
        assertEquals(12, table.expires(slot));
        assertEquals(slot, find(1, 11));
        table.expireAt(slot, 5);
        assertEquals(FlowTable.NONE, find(1, 5), "ended early: removed");
    }

    @Test
    void shouldPutAFlowOverItselfAndOpenItAgain() {
        int slot = put(1, 0, 10);
        table.closing(slot, true);
        assertTrue(table.isClosing(slot));
        assertEquals(slot, table.put(KEY, 0, 1, 0, 0, 7, 8, 1, 20));
        assertEquals(7, table.translatedHigh(slot));
        assertEquals(8, table.translatedLow(slot));
        assertEquals(20, table.expires(slot));
        assertFalse(table.isClosing(slot));
    }

    @Test
    void shouldKeepAllFlowsOfASetApartAndRefuseOneMore() {
        for (int flow = 0; flow < SET; flow++) {
            assertNotEquals(FlowTable.NONE, put(flow, 0, 10));
        }
        assertEquals(FlowTable.NONE, put(SET, 0, 10), "full");
        for (int flow = 0; flow < SET; flow++) {
            assertEquals(100 + flow, table.translatedLow(find(flow, 0)));
        }
        assertNotEquals(FlowTable.NONE, put(3, 0, 10), "a full set still takes what it has");
    }

    @Test
    void shouldGiveTheSlotOfAnEndedFlowToAnother() {
        for (int flow = 0; flow < SET; flow++) {
            put(flow, 0, flow == 5 ? 1 : 10);
        }
        int freed = find(5, 0);
        assertEquals(freed, put(SET, 1, 10));
        assertEquals(FlowTable.NONE, find(5, 1));
        assertEquals(freed, find(SET, 1));
    }

    @Test
    void shouldAgreeWithAMapWhileFlowsComeAndGo() {
        FlowTable large = new FlowTable(1024);
        Map<Long, Integer> oracle = new HashMap<>();
        SplittableRandom random = new SplittableRandom(20_261_124);
        for (int now = 0; now < 20_000; now++) {
            long low = random.nextInt(300);
            int until = now + 1 + random.nextInt(200);
            if (random.nextBoolean() && large.put(KEY, 0, low, 0, 9, 0, low + 1, now, until) != FlowTable.NONE) {
                oracle.put(low, until);
            }
            long asked = random.nextInt(300);
            int slot = large.find(KEY, 0, asked, 0, 9, now);
            assertEquals(oracle.getOrDefault(asked, 0) > now, slot != FlowTable.NONE, "flow " + asked + " at " + now);
            assertTrue(slot == FlowTable.NONE || large.translatedLow(slot) == asked + 1);
        }
        assertEquals(300, oracle.size());
    }

    private int put(int flow, int now, int until) {
        return table.put(KEY, 0, flow, 0, 0, 0, 100 + flow, now, until);
    }

    private int find(int flow, int now) {
        return table.find(KEY, 0, flow, 0, 0, now);
    }
}
