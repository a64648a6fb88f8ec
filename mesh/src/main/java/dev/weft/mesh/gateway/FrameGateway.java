package dev.weft.mesh.gateway;

import dev.weft.api.FrameChannel;
import dev.weft.api.FrameHandler;
import dev.weft.api.MacAddress;
import dev.weft.mesh.dns.NameServer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Serves one network's gateway over frames: UDP in one datagram each way, TCP by {@link TcpConnection}. Answers may come from any
 * thread and wait here for the one that polls. Questions wait here too, as in a socket's buffer: the ring that they come by holds
 * packet buffers, which are everybody's, and is emptied before each few answers.
 */
final class FrameGateway implements FrameHandler {

    private static final int POLL_LIMIT = 64;
    /** Frames that are taken before the next answers, if so many are there: more than the ring holds. */
    private static final int MAX_HEARD = 2_048;
    /** Questions that wait: those of 0.4 s, at 10,000 a second. */
    private static final int MAX_QUESTIONS = 4_096;
    /** Questions that are answered before the ring is looked at again. */
    private static final int ANSWERED_AT_ONCE = 8;
    /** Answers that wait for a buffer; more are lost, and asked for again. */
    private static final int MAX_WAITING = 1_024;

    /** @param connection null for UDP */
    private record Answer(Peer peer, TcpConnection connection, byte[] message) {
    }

    private record Question(Peer peer, byte[] message) {
    }

    private final int vni;
    private final FrameChannel channel;
    private final NameServer server;
    private final LongSupplier nanoClock;
    private final Runnable wake;
    private final GatewayWriter writer;
    private final TcpConnections connections;
    private final Deque<Question> questions = new ArrayDeque<>();
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

    /** @return how much work there was */
    int poll() {
        return hear() + answer() + sendAnswers();
    }

    private int hear() {
        int heard = 0;
        int frames;
        do {
            frames = channel.poll(this, POLL_LIMIT);
            heard += frames;
        } while (frames == POLL_LIMIT && heard < MAX_HEARD);
        return heard;
    }

    @Override
    public void onFrame(MemorySegment memory, long frame, int length) {
        GatewayPacket packet = GatewayPacket.read(memory, frame, length);
        if (packet == null) {
            return;
        }
        Peer peer = packet.peer();
        if (packet.segment().isPresent()) {
            connections.receive(peer, packet.segment().get(), packet.data(), nanoClock.getAsLong());
        } else if (questions.size() < MAX_QUESTIONS) {
            questions.add(new Question(peer, packet.data()));
        } else {
            server.overrun();
        }
    }

    /** Questions wait while answers do. */
    private int answer() {
        int asked = 0;
        while (asked < ANSWERED_AT_ONCE && answers.isEmpty() && !questions.isEmpty()) {
            Question question = questions.remove();
            server.ask(vni, question.message(), writer.datagramRoom(question.peer()), answer -> answered(new Answer(question.peer(), null, answer)));
            asked++;
        }
        return asked;
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
