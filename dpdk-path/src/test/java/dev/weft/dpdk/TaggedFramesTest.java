package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PolicyRule;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.PolicyState;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.Ports;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.dpdk.table.Tables;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a VLAN tag, of VLAN 0 above all, hides from rules and from the guard of addresses. All stages of a direction. */
class TaggedFramesTest {

    private static final String A = "020000004d0a";
    private static final String B = "020000004d0b";
    /** UDP from 10.77.0.10 to 10.77.0.11, and back. */
    private static final String A_TO_B = "08004500001d0001000040116621" + "0a4d000a0a4d000b9c402328000958ec78";
    private static final String B_TO_A = "08004500001d0001000040116621" + "0a4d000b0a4d000a23289c40000958ec78";
    private static final List<String> TAGS = List.of("81000000", "8100e000", "81000005", "88a80000", "8100000081000000");

    private final Burst burst = new Burst();

    @Test
    void shouldHoldTaggedFramesToWhatOthersAreHeldTo() {
        Tables denying = rules();
        outbound(denying, B + A + A_TO_B);
        assertDropped(DropReason.POLICY);
        inbound(denying, A + B + B_TO_A);
        assertDropped(DropReason.POLICY);
        for (String tag : TAGS) {
            outbound(denying, B + A + tag + A_TO_B);
            assertDropped(DropReason.UNSERVED_PROTOCOL);
            inbound(denying, A + B + tag + B_TO_A);
            assertDropped(DropReason.UNSERVED_PROTOCOL);
            outbound(OverlayFixture.tables(), B + A + tag + B_TO_A);
            assertDropped(DropReason.UNSERVED_PROTOCOL);
        }
    }

    @Test
    void shouldLetPassWhatIsNeitherTaggedNorIp() {
        outbound(rules(), B + A + "88cc" + "0000");
        assertTrue(burst.isOpen(0), "on its way to b's node");
        inbound(rules(), A + B + "88cc" + "0000");
        assertTrue(burst.isSend(0));
    }

    private static Tables rules() {
        return OverlayFixture.withPolicies(List.of(rule("a", "10.77.0.10"), rule("b", "10.77.0.11")));
    }

    private static PolicyState rule(String name, String address) {
        return new PolicyState(PolicyRule.deny("to-" + name).from("any").to(name).build(), Optional.empty(),
                Optional.of(Set.of(InetAddress.ofLiteral(address))));
    }

    private void outbound(Tables tables, String frame) {
        run(tables, frame, OverlayFixture.ENDPOINT, OverlayStages.outbound(new VipFlows(16, () -> 0), new PolicyFlows(16, () -> 0)));
    }

    /** As it comes out of the tunnel from where b is. */
    private void inbound(Tables tables, String frame) {
        run(tables, frame, Ports.UPLINK, OverlayStages.inbound(new VipFlows(16, () -> 0), new PolicyFlows(16, () -> 0)));
    }

    private void run(Tables tables, String frame, int port, List<Stage> stages) {
        MemorySegment memory = Packet.of(frame);
        burst.begin(tables, memory, port);
        int i = burst.add(0, 0, (int) memory.byteSize());
        burst.network[i] = tables.network(OverlayFixture.VNI);
        burst.peer[i] = tables.remoteVtep(burst.network[i], Long.parseLong(B, 16));
        stages.forEach(stage -> stage.process(burst));
    }

    private void assertDropped(DropReason why) {
        assertFalse(burst.isOpen(0));
        assertFalse(burst.isSend(0));
        assertEquals(why.ordinal(), burst.reason(0));
    }
}
