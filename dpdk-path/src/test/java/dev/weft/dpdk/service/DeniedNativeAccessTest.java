package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.dpdk.JvmWithoutNativeAccess;
import dev.weft.dpdk.table.LiveFlows;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A JVM that allows no native access has flows all the same. */
class DeniedNativeAccessTest {

    /** Run by the test in a JVM of its own. */
    public static void main(String[] arguments) {
        FlowTable table = new FlowTable(VipFlows.DEFAULT_CAPACITY);
        int flow = table.put(1, 2, 3, 4, 5, 6, 7, FlowState.UDP, new LiveFlows(), 0);
        System.out.println(flow + " " + table.find(1, 2, 3, 4, 5, 0) + " " + table.findReply(1, 6, 7, 2, 3, 0));
    }

    @Test
    void shouldTakeOrdinaryMemory() throws IOException, InterruptedException {
        assertEquals("0 0 0", JvmWithoutNativeAccess.lastLine(DeniedNativeAccessTest.class));
    }
}
