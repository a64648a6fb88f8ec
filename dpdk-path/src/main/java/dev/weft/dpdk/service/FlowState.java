package dev.weft.dpdk.service;

import dev.weft.api.wire.TcpHeader;

/**
 * The state of a flow to a VIP, as the packets of both sides show it. Pure. Sequence numbers are not looked at: both ends do that.
 *
 * <pre>
 *                 SYN+ACK of the backend           ACK of the client
 *   SYN ---> SYN_SENT --------------> SYN_RECEIVED -----------------> ESTABLISHED
 *               ^                                                      |       |
 *               |                               FIN of the client      |       |   FIN of the backend
 *               |                            CLIENT_CLOSED <-----------+       +------------> BACKEND_CLOSED
 *               |  a new SYN                       |  FIN of the backend                            |  FIN of the client
 *               +----------------- TIME_WAIT <-----+------------------------------------------------+
 *               +----------------- CLOSED    <-----  RST of either side, from any state
 *
 *   UDP: one state. Each state ends by time, too: {@link #lifetime} after the last packet.
 * </pre>
 */
final class FlowState {

    static final int UDP = 0;
    static final int SYN_SENT = 1;
    static final int SYN_RECEIVED = 2;
    static final int ESTABLISHED = 3;
    static final int CLIENT_CLOSED = 4;
    static final int BACKEND_CLOSED = 5;
    static final int TIME_WAIT = 6;
    static final int CLOSED = 7;

    /** Five days, as the kernel's conntrack: a connection may be idle for a weekend. */
    private static final int ESTABLISHED_SECONDS = 432_000;
    /** RFC 5382, REQ-5: 2 h 4 min at the least. So long it keeps its place even if the table is full. */
    private static final int ESTABLISHED_LEAST_SECONDS = 7_440;
    /** RFC 5382, REQ-5: one that is being set up or closed, 4 min. */
    private static final int TRANSITORY_SECONDS = 240;
    /** For packets that were under way, and retransmissions of the last ACK. */
    private static final int TIME_WAIT_SECONDS = 120;
    private static final int CLOSED_SECONDS = 10;
    /** RFC 4787, REQ-5: 5 min recommended. */
    private static final int UDP_SECONDS = 300;
    /** All bits of a power of two. */
    private static final int LATE = 15;

    private FlowState() {
    }

    /** After one more TCP packet. @param flags of its header @param fromClient or from the backend */
    static int next(int state, int flags, boolean fromClient) {
        if ((flags & TcpHeader.RST) != 0) {
            return CLOSED;
        }
        boolean syn = (flags & TcpHeader.SYN) != 0;
        boolean ack = (flags & TcpHeader.ACK) != 0;
        boolean fin = (flags & TcpHeader.FIN) != 0;
        return switch (state) {
            case SYN_SENT -> !fromClient && syn && ack ? SYN_RECEIVED : SYN_SENT;
            case SYN_RECEIVED -> !fromClient || syn || !ack ? SYN_RECEIVED : fin ? CLIENT_CLOSED : ESTABLISHED;
            case ESTABLISHED -> !fin ? ESTABLISHED : fromClient ? CLIENT_CLOSED : BACKEND_CLOSED;
            case CLIENT_CLOSED -> fin && !fromClient ? TIME_WAIT : CLIENT_CLOSED;
            case BACKEND_CLOSED -> fin && fromClient ? TIME_WAIT : BACKEND_CLOSED;
            default -> state;
        };
    }

    /** Whether these flags are those of a connection's first segment. */
    static boolean begins(int flags) {
        return (flags & (TcpHeader.SYN | TcpHeader.ACK | TcpHeader.RST)) == TcpHeader.SYN;
    }

    /** Whether nothing more is to come: a SYN begins a new connection then. */
    static boolean isOver(int state) {
        return state >= TIME_WAIT;
    }

    /** Seconds from its last packet to its end, or a few more: {@link #end}. */
    static int lifetime(int state) {
        return switch (state) {
            case UDP -> UDP_SECONDS;
            case ESTABLISHED -> ESTABLISHED_SECONDS;
            case TIME_WAIT -> TIME_WAIT_SECONDS;
            case CLOSED -> CLOSED_SECONDS;
            default -> TRANSITORY_SECONDS;
        };
    }

    /**
     * The second at which a flow ends of which a packet has just been seen. In the states of nearly all packets up to {@value #LATE} s late, so that
     * it is the same for as long: what is to be remembered of most packets is what is remembered already.
     */
    static int end(int state, int now) {
        int end = now + lifetime(state);
        return state == UDP || state == ESTABLISHED ? end | LATE : end;
    }

    /**
     * Seconds of its lifetime that it gives up when another flow needs the place. Connections that nobody has confirmed yet give up all
     * of it, so that a flood of SYNs takes no place from those that are.
     */
    static int spare(int state) {
        return switch (state) {
            case ESTABLISHED -> ESTABLISHED_SECONDS - ESTABLISHED_LEAST_SECONDS;
            case SYN_SENT, SYN_RECEIVED, TIME_WAIT, CLOSED -> lifetime(state);
            default -> 0;
        };
    }
}
