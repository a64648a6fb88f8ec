package dev.weft.mesh.keys;

import java.util.UUID;

/**
 * What was said on one connection: each side numbers its messages from 1, and remembers when it sent them. Not thread-safe.
 *
 * <pre>
 *    OPENED (HELLO sent) --- HELLO ---> GREETED (PING sent) --- PONG ---> ANSWERED
 * </pre>
 *
 * Only who answers is alive: a HELLO may have been left on the wire by a process that is dead by now.
 */
final class KeySession {

    private static final int REMEMBERED = 256;

    private final String peer;
    private final KeyLink link;
    private final long openedAt;
    private final long[] sentAt = new long[REMEMBERED];
    private long sent;
    private long received;
    private long lastHeard;
    private UUID incarnation;
    private long answeredSince;

    KeySession(String peer, KeyLink link, long now) {
        this.peer = peer;
        this.link = link;
        this.openedAt = now;
        this.lastHeard = now;
    }

    String peer() {
        return peer;
    }

    KeyLink link() {
        return link;
    }

    void send(KeyMessage message, long now) {
        sent++;
        sentAt[(int) (sent % REMEMBERED)] = now;
        link.send(message);
    }

    /**
     * Answers what is to be answered.
     *
     * @throws KeyProtocolException if it is not the message's turn
     */
    void heard(KeyMessage message, long now) {
        received++;
        lastHeard = now;
        if (received == 1 != message instanceof KeyMessage.Hello) {
            throw new KeyProtocolException(received == 1 ? "its first message is not HELLO" : "it says HELLO twice");
        }
        switch (message) {
            case KeyMessage.Hello hello -> {
                incarnation = hello.incarnation();
                send(new KeyMessage.Ping(), now);
            }
            case KeyMessage.Ping _ -> send(new KeyMessage.Pong(received), now);
            case KeyMessage.Pong pong -> answeredSince = sentAt(pong.asOf());
            case KeyMessage.Need _, KeyMessage.Have _, KeyMessage.Offer _ -> { }
        }
    }

    long received() {
        return received;
    }

    /** Of the other side; null before its HELLO. */
    UUID incarnation() {
        return incarnation;
    }

    /** The other side was alive after that moment. */
    long answeredSince() {
        return answeredSince;
    }

    /**
     * When a message of this side was sent, or an earlier moment when that is forgotten.
     *
     * @throws KeyProtocolException if it was never sent
     */
    long sentAt(long number) {
        if (number < 1 || number > sent) {
            throw new KeyProtocolException("it refers to message " + number + ", and " + sent + " were sent");
        }
        return number > sent - REMEMBERED ? sentAt[(int) (number % REMEMBERED)] : openedAt;
    }

    long lastSent() {
        return sent == 0 ? openedAt : sentAt[(int) (sent % REMEMBERED)];
    }

    long lastHeard() {
        return lastHeard;
    }
}
