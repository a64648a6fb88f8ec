package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.PolicyFlows;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.stage.OverlayStages;
import dev.weft.testing.Packet;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** All outbound stages, with frames that scapy made. */
class GatewayServiceTest {

    private static final String TO_GATEWAY = "02574500004d020000004d0a";
    private static final String TO_A = "020000004d0a02574500004d";
    private static final String QUERY = "123401000001000000000000037765620000010001";
    private static final String IPV4_QUERY = TO_GATEWAY + "08004500003100010000401166170a4d000a0a4d00019c400035001dd08b" + QUERY;
    private static final String IPV6_QUERY = TO_GATEWAY + "86dd60000000001d1140fd77000000000000000000000000000afd770000000000000000000000000001"
            + "9c400035001dea35" + QUERY;
    private static final String TCP_SYN = TO_GATEWAY + "080045000028000100004006662b0a4d000a0a4d00019c400035000000010000000050022000dec70000";
    private static final String MULTICAST_DNS = TO_GATEWAY + "08004500003100010000401166170a4d000a0a4d00019c4014e9001dbbd7" + QUERY;
    private static final String TO_A_VIP = TO_GATEWAY + "08004500003100010000401165500a4d000a0a4d00c89c400035001dcfc4" + QUERY;
    private static final String IPV4_ANSWER = TO_A + "08004500003100010000401166170a4d00010a4d000a00359c40001dd08b" + QUERY;
    private static final String IPV6_ANSWER = TO_A + "86dd60000000001d1140fd770000000000000000000000000001fd77000000000000000000000000000a"
            + "00359c40001dea35" + QUERY;
    private static final String FROM_A_STRANGER = TO_A + "080045000031000100004011660d0a4d000b0a4d000a00359c40001dd081" + QUERY;

    private final Burst burst = new Burst();

    @Test
    void shouldHandQuestionsOfBothFamiliesAndProtocolsToTheNode() {
        for (String question : new String[] {IPV4_QUERY, IPV6_QUERY, TCP_SYN}) {
            outbound(OverlayFixture.ENDPOINT, question);
            assertTrue(burst.isSend(0), question);
            assertEquals(OverlayFixture.GATEWAY, burst.outPort[0]);
            assertEquals(question, Packet.hex(burst.memory(), burst.offset[0], burst.length[0]), "as it came");
        }
    }

    @Test
    void shouldServeNoOtherPortAndNoOtherAddress() {
        outbound(OverlayFixture.ENDPOINT, MULTICAST_DNS);
        assertDropped(DropReason.UNSERVED_PROTOCOL);
        outbound(OverlayFixture.ENDPOINT, TO_A_VIP);
        assertTrue(burst.isOpen(0), "on its way to the backend at another node");
        outbound(OverlayFixture.ENDPOINT, IPV4_QUERY.replaceFirst("02574500004d", "020000004d0b"));
        assertTrue(burst.isOpen(0), "for a MAC that is not the gateway's");
    }

    @Test
    void shouldTakeAnswersFromTheGatewaysOwnPortAndAddressesOnly() {
        for (String answer : new String[] {IPV4_ANSWER, IPV6_ANSWER}) {
            outbound(OverlayFixture.GATEWAY, answer);
            assertTrue(burst.isSend(0), answer);
            assertEquals(OverlayFixture.ENDPOINT, burst.outPort[0]);
            outbound(OverlayFixture.ENDPOINT, answer);
            assertDropped(DropReason.SPOOFED);
        }
        outbound(OverlayFixture.GATEWAY, FROM_A_STRANGER);
        assertDropped(DropReason.SPOOFED);
    }

    @Test
    void shouldNeverHandTheGatewayItsOwnFrames() {
        outbound(OverlayFixture.GATEWAY, IPV4_ANSWER.replace(TO_A, "02574500004d02574500004d")
                .replace("0a4d00010a4d000a00359c40", "0a4d00010a4d000100350035").replaceFirst("6617", "6620"));
        assertDropped(DropReason.UNSERVED_PROTOCOL);
    }

    private void assertDropped(DropReason reason) {
        assertFalse(burst.isOpen(0));
        assertEquals(reason.ordinal(), burst.reason(0));
    }

    private void outbound(int port, String frame) {
        MemorySegment memory = Packet.of(frame);
        burst.begin(OverlayFixture.tables(), memory, port);
        burst.add(0, 0, (int) memory.byteSize());
        OverlayStages.outbound(new VipFlows(16, () -> 0), new PolicyFlows(16, () -> 0)).forEach(stage -> stage.process(burst));
    }
}
