package dev.weft.dpdk.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import org.junit.jupiter.api.Test;

class FromKernelTest {

    private static final String FRAME = "0242c00002010242c000020208004500";

    @Test
    void shouldSendByTheUplinkWhatTheKernelSendsAsItIs() {
        Burst burst = burst(Ports.KERNEL);
        assertTrue(burst.isSend(0));
        assertEquals(Ports.UPLINK, burst.outPort[0]);
        assertEquals(FRAME, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]));
    }

    @Test
    void shouldLeaveAloneWhatTheUplinkReceives() {
        assertTrue(burst(Ports.UPLINK).isOpen(0));
    }

    private static Burst burst(int port) {
        Burst burst = new Burst();
        burst.begin(Tables.EMPTY, Packet.of(FRAME), port);
        burst.add(0, 0, FRAME.length() / 2);
        new FromKernel().process(burst);
        return burst;
    }
}
