package dev.weft.mesh.gateway;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/** The TCP connections of one gateway. One thread. */
final class TcpConnections {

    private static final int MAX_CONNECTIONS = 256;
    /** So that one endpoint cannot keep the others out; its address is its own, the data path sees to that. */
    private static final int MAX_OF_ONE_PEER = 16;
    private static final byte[] NOTHING = {};

    private final GatewayWriter writer;
    private final RandomGenerator random;
    private final BiConsumer<TcpConnection, Question> questions;
    private final Map<Peer, TcpConnection> connections = new HashMap<>();

    /** A message and who asks it. */
    record Question(Peer peer, byte[] message) {
    }

    /** @param questions takes what is asked, with the connection that the answer is for */
    TcpConnections(GatewayWriter writer, RandomGenerator random, BiConsumer<TcpConnection, Question> questions) {
        this.writer = writer;
        this.random = random;
        this.questions = questions;
    }

    void receive(Peer peer, TcpSegment segment, byte[] data, long nanos) {
        TcpConnection connection = connections.get(peer);
        if (connection != null) {
            connection.receive(segment, data, nanos);
            forgetIfClosed(peer, connection);
        } else if (segment.flags() == TcpSegment.SYN && hasRoom(peer)) {
            accept(peer, segment, nanos);
        } else if (!segment.has(TcpSegment.RST)) {
            refuse(peer, segment, data.length);
        }
    }

    private boolean hasRoom(Peer peer) {
        return connections.size() < MAX_CONNECTIONS
                && connections.keySet().stream().filter(other -> other.address().equals(peer.address())).count() < MAX_OF_ONE_PEER;
    }

    private void accept(Peer peer, TcpSegment syn, long nanos) {
        int mss = writer.segmentRoom(peer);
        TcpConnection.Wire wire = (flags, sequence, acknowledgment, data, offset, length) -> writer.segment(peer,
                new TcpSegment(flags, sequence, acknowledgment, TcpConnection.RECEIVE_WINDOW, mss), data, offset, length);
        TcpConnection[] self = new TcpConnection[1];
        self[0] = new TcpConnection(syn, random.nextInt(), mss, wire, message -> questions.accept(self[0], new Question(peer, message)), nanos);
        connections.put(peer, self[0]);
    }

    /** RFC 9293, 3.10.7.1. */
    private void refuse(Peer peer, TcpSegment segment, int length) {
        boolean hasAck = segment.has(TcpSegment.ACK);
        int occupied = length + (segment.has(TcpSegment.SYN) ? 1 : 0) + (segment.has(TcpSegment.FIN) ? 1 : 0);
        writer.segment(peer, new TcpSegment(hasAck ? TcpSegment.RST : TcpSegment.RST | TcpSegment.ACK, hasAck ? segment.acknowledgment() : 0,
                hasAck ? 0 : segment.sequence() + occupied, 0, 0), NOTHING, 0, 0);
    }

    /** Does nothing when the connection is gone meanwhile. */
    void answer(Peer peer, TcpConnection connection, byte[] message, long nanos) {
        if (connections.get(peer) == connection) {
            connection.answer(message, nanos);
            forgetIfClosed(peer, connection);
        }
    }

    void tick(long nanos) {
        connections.values().forEach(connection -> connection.tick(nanos));
        connections.values().removeIf(connection -> connection.state() == TcpConnection.State.CLOSED);
    }

    private void forgetIfClosed(Peer peer, TcpConnection connection) {
        if (connection.state() == TcpConnection.State.CLOSED) {
            connections.remove(peer);
        }
    }

    int size() {
        return connections.size();
    }
}
