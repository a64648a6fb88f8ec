package dev.weft.dpdk.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.wire.TcpHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowStateTest {

    private static final int SYN = TcpHeader.SYN;
    private static final int ACK = TcpHeader.ACK;
    private static final int FIN = TcpHeader.FIN;
    private static final int RST = TcpHeader.RST;

    private int state = FlowState.SYN_SENT;

    @Test
    void shouldFollowAConnectionThatTheClientCloses() {
        assertState(FlowState.SYN_SENT, client(SYN));
        assertState(FlowState.SYN_RECEIVED, backend(SYN | ACK));
        assertState(FlowState.SYN_RECEIVED, client(SYN), "its answer was lost");
        assertState(FlowState.ESTABLISHED, client(ACK));
        assertState(FlowState.ESTABLISHED, backend(ACK));
        assertState(FlowState.CLIENT_CLOSED, client(FIN | ACK));
        assertState(FlowState.CLIENT_CLOSED, backend(ACK), "a half closed connection may still be used");
        assertState(FlowState.CLIENT_CLOSED, client(ACK));
        assertState(FlowState.TIME_WAIT, backend(FIN | ACK));
        assertState(FlowState.TIME_WAIT, client(ACK));
    }

    @Test
    void shouldFollowAConnectionThatTheBackendCloses() {
        client(SYN);
        backend(SYN | ACK);
        client(ACK);
        assertState(FlowState.BACKEND_CLOSED, backend(FIN | ACK));
        assertState(FlowState.BACKEND_CLOSED, backend(FIN | ACK), "again");
        assertState(FlowState.TIME_WAIT, client(FIN | ACK));
    }

    @Test
    void shouldCloseByAResetFromAnyState() {
        for (int from = FlowState.SYN_SENT; from <= FlowState.CLOSED; from++) {
            assertEquals(FlowState.CLOSED, FlowState.next(from, RST, true));
            assertEquals(FlowState.CLOSED, FlowState.next(from, RST | ACK, false));
        }
    }

    @Test
    void shouldBeEstablishedOnlyOnceBothHaveAgreed() {
        assertState(FlowState.SYN_SENT, client(ACK), "nobody has answered the SYN");
        assertState(FlowState.SYN_SENT, backend(ACK));
        assertState(FlowState.SYN_RECEIVED, backend(SYN | ACK));
        assertState(FlowState.SYN_RECEIVED, backend(ACK));
        assertState(FlowState.CLIENT_CLOSED, client(FIN | ACK), "it had nothing to say");
    }

    @Test
    void shouldKeepWhatIsOverUntilANewFlow() {
        for (int from : new int[] {FlowState.TIME_WAIT, FlowState.CLOSED}) {
            assertTrue(FlowState.isOver(from));
            assertEquals(from, FlowState.next(from, ACK, true));
            assertEquals(from, FlowState.next(from, FIN | ACK, false));
        }
        assertFalse(FlowState.isOver(FlowState.BACKEND_CLOSED));
        assertFalse(FlowState.isOver(FlowState.UDP));
    }

    @ParameterizedTest
    @CsvSource({"0, 300, 0", "1, 240, 240", "2, 240, 240", "3, 432000, 424560", "4, 240, 0", "5, 240, 0", "6, 120, 120", "7, 10, 10"})
    void shouldLiveAndYieldByItsState(int of, int lifetime, int spare) {
        assertEquals(lifetime, FlowState.lifetime(of));
        assertEquals(spare, FlowState.spare(of));
    }

    @ParameterizedTest
    @CsvSource({"0, 303", "1, 240", "2, 240", "3, 432015", "4, 240", "5, 240", "6, 120", "7, 10"})
    void shouldEndUpToFifteenSecondsLateInTheStatesOfMostPackets(int of, int end) {
        assertEquals(end, FlowState.end(of, 0));
    }

    private int client(int flags) {
        state = FlowState.next(state, flags, true);
        return state;
    }

    private int backend(int flags) {
        state = FlowState.next(state, flags, false);
        return state;
    }

    private static void assertState(int expected, int actual) {
        assertEquals(expected, actual);
    }

    private static void assertState(int expected, int actual, String why) {
        assertEquals(expected, actual, why);
    }
}
