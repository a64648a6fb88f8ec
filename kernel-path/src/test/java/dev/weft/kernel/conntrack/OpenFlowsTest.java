package dev.weft.kernel.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.kernel.conntrack.TrackedFlow.Phase;
import java.net.InetAddress;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenFlowsTest {

    private static final InetAddress VIP = InetAddress.ofLiteral("10.0.0.200");
    private static final InetAddress OTHER_VIP = InetAddress.ofLiteral("10.0.0.201");
    private static final InetAddress B = InetAddress.ofLiteral("10.0.0.11");
    private static final InetAddress C = InetAddress.ofLiteral("10.0.0.12");

    private final OpenFlows flows = new OpenFlows();

    @BeforeEach
    void follow() {
        assertEquals(Set.of(VIP), flows.follow(Set.of(VIP)));
    }

    private static TrackedFlow flow(int id, InetAddress vip, InetAddress backend, Phase phase) {
        return new TrackedFlow(id, new byte[] {(byte) id}, vip, backend, phase);
    }

    private void assertOpen(int atB, int atC, long begun) {
        assertEquals(atB + ", " + atC + ", " + begun, flows.count(VIP, B) + ", " + flows.count(VIP, C) + ", " + flows.begun(VIP));
    }

    @Test
    void shouldCountEachFlowOnceUntilItIsOver() {
        flows.seen(flow(1, VIP, B, Phase.OPEN));
        flows.seen(flow(1, VIP, B, Phase.OPEN));
        flows.seen(flow(2, VIP, C, Phase.OPEN));
        flows.seen(flow(1, VIP, B, Phase.UNKNOWN));
        flows.seen(flow(3, VIP, B, Phase.UNKNOWN));
        assertOpen(1, 1, 2);
        flows.seen(flow(1, VIP, B, Phase.OVER));
        assertOpen(0, 1, 2);
        flows.ended(flow(1, VIP, B, Phase.UNKNOWN));
        flows.ended(flow(2, VIP, C, Phase.UNKNOWN));
        flows.ended(flow(9, VIP, C, Phase.UNKNOWN));
        assertOpen(0, 0, 2);
    }

    @Test
    void shouldTellALaterFlowOfTheSameIdOrTheSamePortsFromTheFirst() {
        flows.seen(flow(1, VIP, B, Phase.OPEN));
        flows.seen(new TrackedFlow(1, new byte[] {7}, VIP, C, Phase.OPEN));
        flows.seen(new TrackedFlow(2, new byte[] {1}, VIP, C, Phase.OPEN));
        assertOpen(1, 2, 3);
    }

    @Test
    void shouldCountNothingButTranslatedFlowsToItsVips() {
        flows.seen(flow(1, VIP, VIP, Phase.OPEN));
        flows.seen(flow(2, OTHER_VIP, B, Phase.OPEN));
        assertOpen(0, 0, 0);
        flows.seen(flow(3, VIP, B, Phase.OPEN));
        assertEquals(Set.of(OTHER_VIP), flows.follow(Set.of(OTHER_VIP)));
        assertOpen(0, 0, 0);
        flows.ended(flow(3, VIP, B, Phase.OPEN));
        assertOpen(0, 0, 0);
        flows.seen(flow(2, OTHER_VIP, B, Phase.OPEN));
        assertEquals(1, flows.count(OTHER_VIP, B));
        assertEquals(Set.of(), flows.follow(Set.of(OTHER_VIP)));
        assertEquals(1, flows.count(OTHER_VIP, B));
    }

    @Test
    void shouldGoOnWithWhatHasBegun() {
        flows.seen(flow(1, VIP, B, Phase.OPEN));
        flows.seen(flow(1, VIP, B, Phase.OVER));
        OpenFlows again = new OpenFlows();
        again.follow(Set.of(VIP));
        again.continues(flows);
        assertEquals(1, again.begun(VIP));
        assertEquals(0, again.count(VIP, B));
    }

    /** SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, LAST_ACK, TIME_WAIT, CLOSE, SYN_SENT2 of the kernel's enum tcp_conntrack. */
    @ParameterizedTest
    @CsvSource({"1, OPEN", "2, OPEN", "3, OPEN", "4, OPEN", "5, OPEN", "6, OVER", "7, OVER", "8, OVER", "9, OPEN"})
    void shouldTakeAConnectionForOverWhenBothSidesHaveClosedIt(int state, Phase phase) {
        assertEquals(phase, Phase.ofTcp(state));
    }
}
