package dev.weft.dpdk.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.underlay.RouteTable.Route;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NextHopTableTest {

    private static final InetAddress NEAR = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress FAR = InetAddress.ofLiteral("198.51.100.7");
    private static final InetAddress FARTHER = InetAddress.ofLiteral("203.0.113.9");
    private static final InetAddress GATEWAY = InetAddress.ofLiteral("192.0.2.1");
    private static final long MAC = 0x0242_c000_0202L;
    private static final long OTHER_MAC = 0x0242_c000_0299L;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** The clock may run from anywhere; here it wraps during the test. */
    private static final long START = Long.MAX_VALUE - 2 * SECOND;

    private final NextHopTable table = new NextHopTable(new RouteTable(List.of(
            new Route(Cidr.parse("192.0.2.0/24"), Optional.empty(), 0),
            new Route(Cidr.parse("0.0.0.0/0"), Optional.of(GATEWAY), 100))));

    @Test
    void shouldAskForANewVtepAtOnceAndThenEverySecond() {
        table.adopt(List.of(NEAR), START);

        assertAsked(NEAR, NextHopTable.UNRESOLVED, START);
        assertNobodyAsked(START);
        assertNobodyAsked(START + SECOND - 1);
        for (int second = 1; second <= 10; second++) {
            assertAsked(NEAR, NextHopTable.UNRESOLVED, START + second * SECOND);
        }
        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
    }

    @Test
    void shouldUseWhatItHeardForThirtySeconds() {
        table.adopt(List.of(NEAR), START);
        assertAsked(NEAR, NextHopTable.UNRESOLVED, START);

        assertTrue(hear(NEAR, MAC, START));

        assertEquals(MAC, table.mac(0));
        assertNobodyAsked(START + NextHopTable.REACHABLE_TIME - 1);
        assertAsked(NEAR, MAC, START + NextHopTable.REACHABLE_TIME);
    }

    @Test
    void shouldGiveUpAMacAfterThreeUnansweredProbes() {
        table.adopt(List.of(NEAR), START);
        hear(NEAR, MAC, START);
        long expired = START + NextHopTable.REACHABLE_TIME;

        for (int probe = 0; probe < NextHopTable.MAX_PROBES; probe++) {
            assertAsked(NEAR, MAC, expired + probe * SECOND);
            assertEquals(MAC, table.mac(0), "still used while probe " + probe + " is out");
        }
        assertAsked(NEAR, NextHopTable.UNRESOLVED, expired + 3 * SECOND);
        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
    }

    @Test
    void shouldKeepAMacThatAProbeConfirmsAndTakeANewOne() {
        table.adopt(List.of(NEAR), START);
        hear(NEAR, MAC, START);
        long expired = START + NextHopTable.REACHABLE_TIME;
        assertAsked(NEAR, MAC, expired);

        hear(NEAR, OTHER_MAC, expired + 1);

        assertEquals(OTHER_MAC, table.mac(0));
        assertNobodyAsked(expired + NextHopTable.REACHABLE_TIME);
        assertAsked(NEAR, OTHER_MAC, expired + 1 + NextHopTable.REACHABLE_TIME);
    }

    @Test
    void shouldTakeReceivedTrafficForAConfirmation() {
        table.adopt(List.of(NEAR), START);
        hear(NEAR, MAC, START);

        table.received(0, MAC, START + 20 * SECOND);
        assertNobodyAsked(START + 50 * SECOND - 1);

        table.received(0, OTHER_MAC, START + 40 * SECOND);
        assertEquals(MAC, table.mac(0), "traffic confirms a MAC and does not teach one");
        assertAsked(NEAR, MAC, START + 50 * SECOND);
    }

    @Test
    void shouldNotLetTrafficResolveWhatIsUnresolved() {
        table.adopt(List.of(NEAR), START);

        table.received(0, MAC, START);

        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
    }

    @Test
    void shouldReachFarVtepsThroughTheGatewayAndAskForItOnce() {
        table.adopt(List.of(NEAR, FAR, FARTHER), START);

        assertAsked(NEAR, NextHopTable.UNRESOLVED, START);
        assertAsked(GATEWAY, NextHopTable.UNRESOLVED, START);
        assertNobodyAsked(START);

        hear(GATEWAY, MAC, START);
        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
        assertEquals(MAC, table.mac(1));
        assertEquals(MAC, table.mac(2));
    }

    @Test
    void shouldIgnoreStrangersAndGroups() {
        table.adopt(List.of(NEAR), START);

        assertFalse(hear(FAR, MAC, START));
        assertFalse(hear(NEAR, 0x0100_5e00_0001L, START));
        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
    }

    @Test
    void shouldKeepWhatItKnowsWhenVtepsComeAndGo() {
        table.adopt(List.of(NEAR), START);
        hear(NEAR, MAC, START);

        table.adopt(List.of(FAR, NEAR), START + SECOND);

        assertEquals(MAC, table.mac(1));
        assertAsked(GATEWAY, NextHopTable.UNRESOLVED, START + SECOND);
        assertNobodyAsked(START + SECOND);

        table.adopt(List.of(FAR), START + 2 * SECOND);
        assertFalse(hear(NEAR, MAC, START + 2 * SECOND));
        assertEquals(NextHopTable.UNRESOLVED, table.mac(0));
    }

    @Test
    void shouldTakeEveryVtepForANeighbourWithoutRoutes() {
        NextHopTable onLink = new NextHopTable(RouteTable.ON_LINK);
        onLink.adopt(List.of(FAR, InetAddress.ofLiteral("fd00::7")), START);

        assertEquals(FAR, onLink.address(onLink.due(START)));
        assertEquals(InetAddress.ofLiteral("fd00::7"), onLink.address(onLink.due(START)));
        assertEquals(NextHopTable.NOBODY, onLink.due(START));
    }

    private boolean hear(InetAddress from, long mac, long nanos) {
        return table.heard(AddressBits.high(from), AddressBits.low(from), mac, nanos);
    }

    private void assertAsked(InetAddress whom, long mac, long nanos) {
        int due = table.due(nanos);
        assertEquals(whom, table.address(due));
        assertEquals(mac, table.macToAsk(due));
    }

    private void assertNobodyAsked(long nanos) {
        assertEquals(NextHopTable.NOBODY, table.due(nanos));
    }
}
