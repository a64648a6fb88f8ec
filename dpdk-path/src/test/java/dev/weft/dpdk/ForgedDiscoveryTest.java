package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Neighbour discovery that endpoint a sends straight to b: no question, so nobody answers in b's place. All outbound stages. */
class ForgedDiscoveryTest {

    private static final String A = "fd77000000000000000000000000000a";
    private static final String B = "fd77000000000000000000000000000b";
    private static final String C = "fd77000000000000000000000000000c";
    private static final String GATEWAY = "fd770000000000000000000000000001";
    private static final String LINK_LOCAL = "fe800000000000000000000000000a0a";
    private static final String MAC_OPTION = "0201020000004d0a";

    private final Burst burst = new Burst();

    @Test
    void shouldLetAnEndpointSpeakForItselfAlone() {
        for (Tables tables : List.of(OverlayFixture.tables(), OverlayFixture.routing())) {
            for (String own : List.of(A, LINK_LOCAL)) {
                outbound(tables, A, "8800000060000000" + own + MAC_OPTION);
                assertTrue(burst.isOpen(0), "on its way to b's node");
                outbound(tables, LINK_LOCAL, "8800000060000000" + own + MAC_OPTION);
                assertTrue(burst.isOpen(0), "on its way to b's node");
            }
            for (String other : List.of(B, C, GATEWAY)) {
                outbound(tables, A, "8800000060000000" + other + MAC_OPTION);
                assertSpoofed();
                outbound(tables, LINK_LOCAL, "8800000020000000" + other);
                assertSpoofed();
            }
            outbound(tables, A, "8800000060000000" + A.substring(2));
            assertSpoofed();
        }
    }

    @Test
    void shouldLetOnlyARouterSpeakAsARouter() {
        for (String message : List.of("86000000400007080000000000000000", "8900000000000000" + C + C)) {
            outbound(OverlayFixture.tables(), LINK_LOCAL, message);
            assertSpoofed();
            outbound(OverlayFixture.routing(), LINK_LOCAL, message);
            assertTrue(burst.isOpen(0), "on its way to b's node");
        }
        outbound(OverlayFixture.tables(), A, "8100000000010001");
        assertTrue(burst.isOpen(0), "an echo reply");
    }

    private void assertSpoofed() {
        assertFalse(burst.isOpen(0));
        assertFalse(burst.isSend(0));
        assertEquals(DropReason.SPOOFED.ordinal(), burst.reason(0));
    }

    /** @param message of ICMPv6, from a's MAC to b's */
    private void outbound(Tables tables, String source, String message) {
        MemorySegment memory = Packet.of("020000004d0b020000004d0a86dd60000000" + String.format("%04x", message.length() / 2) + "3aff" + source + B
                + message);
        burst.begin(tables, memory, OverlayFixture.ENDPOINT);
        burst.add(0, 0, (int) memory.byteSize());
        OverlayStages.outbound(new VipFlows(16, () -> 0), new PolicyFlows(16, () -> 0)).forEach(stage -> stage.process(burst));
    }
}
