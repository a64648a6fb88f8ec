package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.service.VipFlows;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One client, VIPs that share a backend, and a clock of our own. Addresses are those of {@link OverlayFixture}. */
class VipFlowsTest {

    private static final int CLIENT = 0x0a4d000a;
    private static final int VIP = 0x0a4d00c8;
    /** Has the same backend alone. */
    private static final int SECOND_VIP = 0x0a4d00ca;
    /** Has two backends. */
    private static final int WIDE_VIP = 0x0a4d00cb;
    private static final int BACKEND = 0x0a4d000b;
    private static final int OTHER_BACKEND = 0x0a4d000c;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;

    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);
    private final Burst burst = new Burst();
    private Tables tables = OverlayFixture.tables();
    private long seconds;
    private int flowHash;
    private final VipFlows flows = new VipFlows(1024, () -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void shouldTranslateThereAndBackWithChecksumsThatAreRight() {
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.SYN));
        assertEquals(BACKEND, Ipv4Header.destination(memory, IP));
        assertChecksums();
        assertEquals(VIP, answerFrom(TcpHeader.SYN | TcpHeader.ACK));
        assertChecksums();
    }

    @Test
    void shouldForgetAConnectionSoonOnceBothSidesHaveClosedIt() {
        establish();
        toVip(TcpHeader.FIN | TcpHeader.ACK);
        answerFrom(TcpHeader.FIN | TcpHeader.ACK);
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.ACK));
        seconds += 119;
        assertEquals(VIP, answerFrom(TcpHeader.FIN | TcpHeader.ACK), "its last ACK was lost");
        seconds += 2;
        assertEquals(BACKEND, answerFrom(TcpHeader.ACK), "no longer a flow of the VIP");
    }

    /** Docker's IPVS forgets a connection after 900 s and drops what comes then. */
    @Test
    void shouldCarryAConnectionThatWasIdleForTwoHours() {
        establish();
        seconds += 7200;
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.ACK));
        assertEquals(VIP, answerFrom(TcpHeader.ACK));
        seconds += TimeUnit.DAYS.toSeconds(4);
        flows.tick(OverlayFixture.tables(), 0);
        assertEquals(VIP, answerFrom(TcpHeader.ACK), "the answer first");
    }

    @Test
    void shouldKnowNothingOfAConnectionThatItNeverSawOrThatIsTooOld() {
        assertEquals(VipFlows.Outcome.NO_FLOW, toVip(TcpHeader.ACK));
        assertEquals(VipFlows.Outcome.NO_FLOW, toVip(TcpHeader.SYN | TcpHeader.ACK));
        assertEquals(VipFlows.Outcome.NO_FLOW, toVip(TcpHeader.RST));
        assertEquals(VIP, Ipv4Header.destination(memory, IP), "untouched");
        establish();
        seconds += TimeUnit.DAYS.toSeconds(5) + 15; // when it ends is remembered every 16 s
        assertEquals(VipFlows.Outcome.NO_FLOW, toVip(TcpHeader.ACK));
    }

    @Test
    void shouldBeginAnewWithASynOnAClosedConnection() {
        establish();
        toVip(TcpHeader.RST);
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.SYN));
        answerFrom(TcpHeader.SYN | TcpHeader.ACK);
        toVip(TcpHeader.ACK);
        seconds += 3600;
        assertEquals(VIP, answerFrom(TcpHeader.ACK));
    }

    @Test
    void shouldResetAConnectionWhoseBackendHasGoneAndGiveTheNextOneAnother() {
        tcp(CLIENT, WIDE_VIP, 1000, 80, TcpHeader.SYN);
        dispatch();
        int first = Ipv4Header.destination(memory, IP);
        tables = OverlayFixture.withoutBackend(first);
        assertEquals(VipFlows.Outcome.NO_FLOW, to(WIDE_VIP, TcpHeader.ACK));
        assertEquals(VipFlows.Outcome.NO_FLOW, to(WIDE_VIP, TcpHeader.ACK), "and goes on saying so");
        assertEquals(VipFlows.Outcome.TO_BACKEND, to(WIDE_VIP, TcpHeader.SYN));
        assertEquals(first == BACKEND ? OTHER_BACKEND : BACKEND, Ipv4Header.destination(memory, IP));
    }

    /** It is another one of the service's backends by its number then, and the same by its address. */
    @Test
    void shouldKeepAConnectionWhenBackendsBeforeItsOwnComeAndGo() {
        int port = 1000;
        while (connect(port) != OTHER_BACKEND) {
            port++;
        }
        for (int round = 0; round < 2; round++) {
            tables = OverlayFixture.withoutBackend(BACKEND);
            assertTranslatedTo(OTHER_BACKEND, port);
            tables = OverlayFixture.tables();
            assertTranslatedTo(OTHER_BACKEND, port);
        }
    }

    private void assertTranslatedTo(int backend, int port) {
        for (int packet = 0; packet < 2; packet++) {
            tcp(CLIENT, WIDE_VIP, port, 80, TcpHeader.ACK);
            assertEquals(VipFlows.Outcome.TO_BACKEND, dispatch());
            assertEquals(backend, Ipv4Header.destination(memory, IP));
        }
    }

    @Test
    void shouldMoveAUdpFlowAtOnceWhenItsBackendHasGone() {
        udp(CLIENT, WIDE_VIP, 1000, 53);
        dispatch();
        int first = Ipv4Header.destination(memory, IP);
        tables = OverlayFixture.withoutBackend(first);
        udp(CLIENT, WIDE_VIP, 1000, 53);
        assertEquals(VipFlows.Outcome.TO_BACKEND, dispatch());
        assertEquals(first == BACKEND ? OTHER_BACKEND : BACKEND, Ipv4Header.destination(memory, IP));
    }

    @Test
    void shouldKeepAFlowThatOnlyTheBackendUses() {
        udp(CLIENT, VIP, 1000, 53);
        assertEquals(VipFlows.Outcome.TO_BACKEND, dispatch());
        for (int i = 0; i < 5; i++) {
            seconds += 200;
            udp(BACKEND, CLIENT, 53, 1000);
            restore();
            assertEquals(VIP, Ipv4Header.source(memory, IP), "after " + seconds + " s");
        }
    }

    /** Pain: "round robin only". */
    @Test
    void shouldChooseTheBackendWithTheFewestConnectionsForItsWeight() {
        tables = OverlayFixture.leastConnections(3, 1);
        java.util.Map<Integer, Integer> open = new java.util.HashMap<>();
        for (int port = 1000; port < 1040; port++) {
            open.merge(connect(port), 1, Integer::sum);
        }
        assertEquals(java.util.Map.of(BACKEND, 30, OTHER_BACKEND, 10), open);
        for (int port = 1000; port < 1040; port++) { // all to the first one end, and the next ones go there
            tcp(BACKEND, CLIENT, 80, port, TcpHeader.RST);
            restore();
        }
        for (int port = 2000; port < 2030; port++) {
            assertEquals(BACKEND, connect(port));
        }
    }

    private int connect(int port) {
        flowHash = port * 0x9e37_79b9;
        tcp(CLIENT, WIDE_VIP, port, 80, TcpHeader.SYN);
        assertEquals(VipFlows.Outcome.TO_BACKEND, dispatch());
        return Ipv4Header.destination(memory, IP);
    }

    /** Both would be client 1000 -> backend 80: the backend and the way back could not tell them apart. */
    @Test
    void shouldRefuseASecondVipOfTheSameBackendForTheSameClientPort() {
        toVip(TcpHeader.SYN);
        assertEquals(VipFlows.Outcome.CONFLICT, to(SECOND_VIP, TcpHeader.SYN));
        assertEquals(SECOND_VIP, Ipv4Header.destination(memory, IP), "untouched");
        assertEquals(VIP, answerFrom(TcpHeader.SYN | TcpHeader.ACK));
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.ACK));
    }

    @Test
    void shouldChooseABackendThatTheSameClientPortDoesNotUse() {
        for (int hash = 0; hash >= 0; hash += 0x1000_0000) { // whichever of the two it would begin with
            flowHash = hash * 2;
            toVip(TcpHeader.SYN);
            assertEquals(VipFlows.Outcome.TO_BACKEND, to(WIDE_VIP, TcpHeader.SYN));
            assertEquals(OTHER_BACKEND, Ipv4Header.destination(memory, IP));
            assertEquals(WIDE_VIP, answerFrom(OTHER_BACKEND, TcpHeader.SYN | TcpHeader.ACK));
            assertEquals(VIP, answerFrom(TcpHeader.SYN | TcpHeader.ACK));
            seconds += 7_441;
        }
    }

    @Test
    void shouldLetAnotherVipHaveTheClientPortOnceItsFlowIsOver() {
        toVip(TcpHeader.SYN);
        seconds += 240;
        assertEquals(VipFlows.Outcome.TO_BACKEND, to(SECOND_VIP, TcpHeader.SYN));
        assertEquals(SECOND_VIP, answerFrom(TcpHeader.SYN | TcpHeader.ACK));
    }

    private void establish() {
        toVip(TcpHeader.SYN);
        answerFrom(TcpHeader.SYN | TcpHeader.ACK);
        assertEquals(VipFlows.Outcome.TO_BACKEND, toVip(TcpHeader.ACK));
    }

    private VipFlows.Outcome toVip(int flags) {
        return to(VIP, flags);
    }

    private VipFlows.Outcome to(int vip, int flags) {
        tcp(CLIENT, vip, 1000, 80, flags);
        return dispatch();
    }

    private VipFlows.Outcome dispatch() {
        flows.readKeys(burst, 1, false);
        VipFlows.Outcome outcome = flows.dispatch(burst, 0, flows.now());
        flows.translate(burst, outcome == VipFlows.Outcome.TO_BACKEND ? 1 : 0);
        return outcome;
    }

    private void restore() {
        flows.readKeys(burst, 1, true);
        flows.find(1, flows.now());
        flows.restore(burst, 0, flows.now());
    }

    /** @return the source that the answer has at the client */
    private int answerFrom(int flags) {
        return answerFrom(BACKEND, flags);
    }

    private int answerFrom(int backend, int flags) {
        tcp(backend, CLIENT, 80, 1000, flags);
        restore();
        return Ipv4Header.source(memory, IP);
    }

    private void tcp(int source, int destination, int sourcePort, int destinationPort, int flags) {
        begin(source, destination, IpProtocol.TCP, TcpHeader.MIN_LENGTH);
        TcpHeader.write(memory, L4, sourcePort, destinationPort, 1, 1, flags);
        TcpHeader.checksum(memory, L4, InternetChecksum.ofTransportIpv4(memory, IP, IpProtocol.TCP, L4, TcpHeader.MIN_LENGTH));
    }

    private void udp(int source, int destination, int sourcePort, int destinationPort) {
        begin(source, destination, IpProtocol.UDP, UdpHeader.LENGTH);
        UdpHeader.write(memory, L4, sourcePort, destinationPort, UdpHeader.LENGTH);
    }

    private void begin(int source, int destination, int protocol, int length) {
        int i = ParsedPacket.begin(burst, tables, memory, source, destination, protocol, length);
        burst.flowHash[i] = flowHash;
    }

    private void assertChecksums() {
        assertEquals(true, Ipv4Header.isChecksumValid(memory, IP));
        assertEquals(0, InternetChecksum.ofTransportIpv4(memory, IP, IpProtocol.TCP, L4, TcpHeader.MIN_LENGTH));
    }
}
