package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** An endpoint that sends for others: the way in from outside. All outbound stages. */
class RoutingEndpointTest {

    private static final String TO_B = "020000004d0b";
    private static final String FROM_A = "020000004d0a";
    /** UDP from 203.0.113.9 to b. */
    private static final String OF_A_CLIENT = "08004500001d000100004011346ecb0071090a4d000b9c4023280009821178";
    /** 203.0.113.9, with the MAC of a, asks for b. */
    private static final String ARP_OF_A_CLIENT = "08060001080006040001" + FROM_A + "cb007109" + "000000000000" + "0a4d000b";

    private final Burst burst = new Burst();

    private void outbound(Tables tables, String frame) {
        MemorySegment memory = Packet.of(frame);
        burst.begin(tables, memory, OverlayFixture.ENDPOINT);
        burst.add(0, 0, (int) memory.byteSize());
        OverlayStages.outbound(new VipFlows(16, () -> 0), new PolicyFlows(16, () -> 0)).forEach(stage -> stage.process(burst));
    }

    @Test
    void shouldLetARouterSendFromAnyAddressAndNobodyElse() {
        outbound(OverlayFixture.routing(), TO_B + FROM_A + OF_A_CLIENT);
        assertTrue(burst.isOpen(0), "on its way to b's node");

        outbound(OverlayFixture.tables(), TO_B + FROM_A + OF_A_CLIENT);
        assertEquals(DropReason.SPOOFED.ordinal(), burst.reason(0));
    }

    @Test
    void shouldHoldARouterToItsOwnMacAndItsOwnArp() {
        outbound(OverlayFixture.routing(), TO_B + "020000004d0c" + OF_A_CLIENT);
        assertEquals(DropReason.SPOOFED.ordinal(), burst.reason(0));
        outbound(OverlayFixture.routing(), "ffffffffffff" + FROM_A + ARP_OF_A_CLIENT);
        assertEquals(DropReason.SPOOFED.ordinal(), burst.reason(0));
    }
}
