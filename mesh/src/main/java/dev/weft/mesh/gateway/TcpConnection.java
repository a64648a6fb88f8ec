package dev.weft.mesh.gateway;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The server's side of one TCP connection that carries DNS messages, each behind its length in two bytes (RFC 1035, 4.2.2). A pure
 * state machine: segments, answers and the time come in, segments and messages go out. It is as small as RFC 9293 lets a server be
 * whose clients are on this very node: what comes out of order is dropped for the client to send again, no options but the MSS, no
 * congestion control but the initial window. Not thread-safe.
 *
 * <pre>
 *   (none) -- SYN --> SYN_RECEIVED -- ACK --> ESTABLISHED -- FIN --> CLOSE_WAIT -- all answered: FIN --> LAST_ACK -- ACK --> CLOSED
 *   any -- RST; 30 s without a segment, or 5 segments in a row unanswered: RST --> CLOSED
 * </pre>
 */
final class TcpConnection {

    enum State { SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT, LAST_ACK, CLOSED }

    /** Takes a segment to send; should it be lost, it is sent again later. */
    interface Wire {
        void send(int flags, int sequence, int acknowledgment, byte[] data, int offset, int length);
    }

    /** What each segment says that can be taken: a message and its length fit. */
    static final int RECEIVE_WINDOW = 65_535;
    /** RFC 7766, 6.2.3: a few seconds at least. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** RFC 6298, 2.1. */
    static final long FIRST_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final int MAX_RETRANSMITS = 5;
    /** Segments under way (RFC 6928, 2). */
    private static final int INITIAL_WINDOW = 10;
    /** A client that asks on and reads nothing is sent away. */
    private static final int MAX_QUEUED = 1 << 20;
    private static final int MAX_UNANSWERED = 64;
    private static final byte[] NOTHING = {};

    private final Wire wire;
    private final Consumer<byte[]> messages;
    private final int initialSequence;
    private final int mss;
    private State state = State.SYN_RECEIVED;
    private int receiveNext;
    private byte[] received = NOTHING;
    private int unanswered;
    /** Sequence numbers: the oldest not acknowledged, the next to send, and the next that never was sent before. */
    private int sendUnacknowledged;
    private int sendNext;
    private int sendMax;
    private int window;
    /** The bytes that {@link #sendUnacknowledged} counts from. */
    private byte[] queued = NOTHING;
    private boolean finSent;
    private int retransmits;
    private long timeout = FIRST_TIMEOUT_NANOS;
    private long retransmitAt;
    private long heardAt;

    /**
     * Answers a SYN.
     *
     * @param initialSequence hard to guess (RFC 9293, 3.4.1)
     * @param ownMss          bytes of data that the network's MTU lets a segment have
     * @param messages        takes each message that the client sends; {@link #answer} answers one of them
     */
    TcpConnection(TcpSegment syn, int initialSequence, int ownMss, Wire wire, Consumer<byte[]> messages, long nanos) {
        this.wire = wire;
        this.messages = messages;
        this.initialSequence = initialSequence;
        mss = Math.max(1, Math.min(ownMss, syn.mss()));
        receiveNext = syn.sequence() + 1;
        sendUnacknowledged = initialSequence;
        sendNext = initialSequence + 1;
        sendMax = sendNext;
        window = syn.window();
        heardAt = nanos;
        arm(nanos);
        sendSyn();
    }

    private void sendSyn() {
        wire.send(TcpSegment.SYN | TcpSegment.ACK, initialSequence, receiveNext, NOTHING, 0, 0);
    }

    void receive(TcpSegment segment, byte[] data, long nanos) {
        if (segment.has(TcpSegment.RST)) {
            if (segment.sequence() == receiveNext) { // RFC 5961, 3.2
                state = State.CLOSED;
            }
            return;
        }
        heardAt = nanos;
        if (segment.has(TcpSegment.SYN)) {
            repeatOrChallenge();
        } else if (segment.has(TcpSegment.ACK) && isAcceptable(segment)) {
            acknowledged(segment, nanos);
            boolean newData = take(segment, data);
            finish();
            boolean sent = push(nanos);
            if (!sent && state != State.CLOSED && (newData || data.length > 0 || segment.has(TcpSegment.FIN))) {
                acknowledge();
            }
        }
    }

    private void repeatOrChallenge() {
        if (state == State.SYN_RECEIVED) {
            sendSyn();
        } else {
            acknowledge(); // RFC 5961, 4.2
        }
    }

    /** What acknowledges more than was sent is answered and not believed. */
    private boolean isAcceptable(TcpSegment segment) {
        if (segment.acknowledgment() - sendMax <= 0) {
            return true;
        }
        if (state == State.SYN_RECEIVED) {
            wire.send(TcpSegment.RST, segment.acknowledgment(), 0, NOTHING, 0, 0);
        } else {
            acknowledge();
        }
        return false;
    }

    private void acknowledged(TcpSegment segment, long nanos) {
        window = segment.window();
        int bytes = segment.acknowledgment() - sendUnacknowledged;
        if (bytes <= 0) {
            return;
        }
        sendUnacknowledged = segment.acknowledgment();
        retransmits = 0;
        timeout = FIRST_TIMEOUT_NANOS;
        arm(nanos);
        if (state == State.SYN_RECEIVED) {
            state = State.ESTABLISHED;
            bytes--;
        }
        if (bytes > queued.length) { // the FIN too
            state = State.CLOSED;
        }
        queued = Arrays.copyOfRange(queued, Math.min(bytes, queued.length), queued.length);
        if (sendNext - sendUnacknowledged < 0) { // what was about to be sent again had arrived
            sendNext = sendUnacknowledged;
        }
    }

    /** @return whether something new came */
    private boolean take(TcpSegment segment, byte[] data) {
        int known = receiveNext - segment.sequence();
        if (state != State.ESTABLISHED || known < 0 || known > data.length) {
            return false;
        }
        byte[] fresh = Arrays.copyOfRange(data, known, data.length);
        receiveNext += fresh.length;
        received = joined(received, fresh);
        boolean fin = segment.has(TcpSegment.FIN);
        if (fin) {
            receiveNext++;
            state = State.CLOSE_WAIT;
        }
        deliver();
        return fin || fresh.length > 0;
    }

    private void deliver() {
        int at = 0;
        while (received.length - at >= Short.BYTES) {
            int length = (received[at] & 0xff) << 8 | received[at + 1] & 0xff;
            if (received.length - at - Short.BYTES < length) {
                break;
            }
            at += Short.BYTES + length;
            if (++unanswered > MAX_UNANSWERED) {
                reset();
                return;
            }
            messages.accept(Arrays.copyOfRange(received, at - length, at));
        }
        received = Arrays.copyOfRange(received, at, received.length);
    }

    /** Sends the answer to one of the messages. */
    void answer(byte[] message, long nanos) {
        if (state != State.ESTABLISHED && state != State.CLOSE_WAIT) {
            return;
        }
        unanswered--;
        queued = joined(queued, new byte[] {(byte) (message.length >> 8), (byte) message.length}, message);
        if (queued.length > MAX_QUEUED) {
            reset();
            return;
        }
        push(nanos);
        finish();
        push(nanos);
    }

    /** The client has sent all, and has all its answers: so has this side. */
    private void finish() {
        if (state == State.CLOSE_WAIT && unanswered == 0) {
            state = State.LAST_ACK;
        }
    }

    /** @return whether a segment went out */
    private boolean push(long nanos) {
        if (state == State.SYN_RECEIVED || state == State.CLOSED) {
            return false;
        }
        boolean sent = false;
        boolean nothingUnderWay = sendNext == sendUnacknowledged;
        int limit = Math.min(queued.length, Math.min(window, INITIAL_WINDOW * mss));
        int offset = sendNext - sendUnacknowledged;
        while (!finSent && offset < limit) {
            int length = Math.min(mss, limit - offset);
            wire.send(TcpSegment.ACK | TcpSegment.PSH, sendNext, receiveNext, queued, offset, length);
            offset += length;
            sendNext += length;
            sent = true;
        }
        if (state == State.LAST_ACK && !finSent && offset == queued.length) {
            wire.send(TcpSegment.FIN | TcpSegment.ACK, sendNext, receiveNext, NOTHING, 0, 0);
            sendNext++;
            finSent = true;
            sent = true;
        }
        sendMax = sendNext - sendMax > 0 ? sendNext : sendMax;
        if (sent && nothingUnderWay) {
            arm(nanos);
        }
        return sent;
    }

    private void acknowledge() {
        wire.send(TcpSegment.ACK, sendNext, receiveNext, NOTHING, 0, 0);
    }

    private void reset() {
        wire.send(TcpSegment.RST | TcpSegment.ACK, sendNext, receiveNext, NOTHING, 0, 0);
        state = State.CLOSED;
    }

    private void arm(long nanos) {
        retransmitAt = nanos + timeout;
    }

    /** To be called now and then: sends again what was not acknowledged, and ends what is silent. */
    void tick(long nanos) {
        if (state == State.CLOSED) {
            return;
        }
        boolean waiting = sendNext != sendUnacknowledged || queued.length > 0;
        if (nanos - heardAt >= IDLE_NANOS || waiting && nanos - retransmitAt >= 0 && retransmits == MAX_RETRANSMITS) {
            reset();
        } else if (waiting && nanos - retransmitAt >= 0) {
            retransmits++;
            timeout *= 2;
            arm(nanos);
            retransmit(nanos);
        }
    }

    /** From the oldest byte on, as if nothing had been sent (RFC 9293, 3.8.1); one byte when the window is shut (3.8.6.1). */
    private void retransmit(long nanos) {
        if (state == State.SYN_RECEIVED) {
            sendSyn();
            return;
        }
        sendNext = sendUnacknowledged;
        finSent = false;
        window = Math.max(1, window);
        push(nanos);
    }

    State state() {
        return state;
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
