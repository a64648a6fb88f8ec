package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.dpdk.JvmWithoutNativeAccess;
import dev.weft.dpdk.table.LiveFlows;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A JVM that allows no native access has flows all the same. */
class DeniedNativeAccessTest {

    private static final int FLOWS = FlowTable.WORTH_PREFETCHING;
    private static final int BURST = 64;

    /** Run by the test in a JVM of its own. */
    public static void main(String[] arguments) {
        FlowTable table = new FlowTable(VipFlows.DEFAULT_CAPACITY);
        FlowKeys keys = FlowKeys.ofVips(BURST);
        for (int flow = 0; flow < FLOWS; flow++) {
            keys.write(0, 1, 2, flow, 4, 5);
            table.put(keys, 0, 6, 7, FlowState.UDP, new LiveFlows(), 0);
        }
        System.out.println(FLOWS == table.size() ? found(table, keys, false) + " " + found(table, keys, true) : "not all have room");
    }

    private static int found(FlowTable table, FlowKeys keys, boolean reply) {
        FlowLookup lookup = table.lookup(keys);
        keys.ofReplies(reply);
        int found = 0;
        for (int from = 0; from < FLOWS; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                if (reply) {
                    keys.write(i, 1, 6, 7, 2, from + i);
                } else {
                    keys.write(i, 1, 2, from + i, 4, 5);
                }
            }
            lookup.find(-1, 0);
            for (int i = 0; i < BURST; i++) {
                found += lookup.flow(i) != FlowTable.NONE && lookup.flow(i) == table.find(keys, i, 0) ? 1 : 0;
            }
        }
        return found;
    }

    @Test
    void shouldTakeOrdinaryMemoryAndReadInPlaceOfPrefetching() throws IOException, InterruptedException {
        assertEquals(FLOWS + " " + FLOWS, JvmWithoutNativeAccess.lastLine(DeniedNativeAccessTest.class));
    }
}
