package dev.weft.mesh.gateway;

import dev.weft.api.FrameChannel;
import dev.weft.api.FrameHandler;
import dev.weft.api.MacAddress;
import dev.weft.mesh.dns.NameServer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Serves one network's gateway over frames: UDP in one datagram each way, TCP by {@link TcpConnection}. Answers may come from any
 * thread and wait here for the one that polls.
 */
final class FrameGateway implements FrameHandler {

    private static final int POLL_LIMIT = 64;
    /** Answers that wait for a buffer; more are lost, and asked for again. */
    private static final int MAX_WAITING = 1_024;

    /** @param connection null for UDP */
    private record Answer(Peer peer, TcpConnection connection, byte[] message) {
    }

    private final int vni;
    private final FrameChannel channel;
    private final NameServer server;
    private final LongSupplier nanoClock;
    private final Runnable wake;
    private final GatewayWriter writer;
    private final TcpConnections connections;
    private final BlockingQueue<Answer> answers = new ArrayBlockingQueue<>(MAX_WAITING);

    /** @param wake called after an answer has come, on the thread that brings it */
    FrameGateway(int vni, MacAddress mac, FrameChannel channel, NameServer server, LongSupplier nanoClock, RandomGenerator random, Runnable wake) {
        this.vni = vni;
        this.channel = channel;
        this.server = server;
        this.nanoClock = nanoClock;
        this.wake = wake;
        writer = new GatewayWriter(channel, mac);
        connections = new TcpConnections(writer, random, this::ask);
    }

    FrameChannel channel() {
        return channel;
    }

    /** Questions wait while answers do. @return how much work there was */
    int poll() {
        int asked = answers.isEmpty() ? channel.poll(this, POLL_LIMIT) : 0;
        return asked + sendAnswers();
    }

    @Override
    public void onFrame(MemorySegment memory, long frame, int length) {
        GatewayPacket packet = GatewayPacket.read(memory, frame, length);
        if (packet == null) {
            return;
        }
        Peer peer = packet.peer();
        packet.segment().ifPresentOrElse(segment -> connections.receive(peer, segment, packet.data(), nanoClock.getAsLong()),
                () -> server.ask(vni, packet.data(), writer.datagramRoom(peer), answer -> answered(new Answer(peer, null, answer))));
    }

    private void ask(TcpConnection connection, TcpConnections.Question question) {
        server.ask(vni, question.message(), NameServer.TCP_ROOM, answer -> answered(new Answer(question.peer(), connection, answer)));
    }

    private void answered(Answer answer) {
        answers.offer(answer);
        wake.run();
    }

    private int sendAnswers() {
        int sent = 0;
        for (Answer answer = answers.peek(); answer != null && sent < POLL_LIMIT && send(answer); answer = answers.peek()) {
            answers.remove();
            sent++;
        }
        return sent;
    }

    /** @return false when there is no buffer at the moment; TCP sees to that itself */
    private boolean send(Answer answer) {
        if (answer.connection() == null) {
            return writer.datagram(answer.peer(), answer.message());
        }
        connections.answer(answer.peer(), answer.connection(), answer.message(), nanoClock.getAsLong());
        return true;
    }

    void tick(long nanos) {
        connections.tick(nanos);
    }
}
