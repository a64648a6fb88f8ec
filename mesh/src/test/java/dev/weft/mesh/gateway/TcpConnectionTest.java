package dev.weft.mesh.gateway;

import static dev.weft.mesh.gateway.TcpSegment.ACK;
import static dev.weft.mesh.gateway.TcpSegment.FIN;
import static dev.weft.mesh.gateway.TcpSegment.PSH;
import static dev.weft.mesh.gateway.TcpSegment.RST;
import static dev.weft.mesh.gateway.TcpSegment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TcpConnectionTest {

    private static final int OURS = 0xffff_fffe; // sequence numbers wrap at once
    private static final int THEIRS = 0x7fff_fffe;
    private static final int MSS = 1000;
    private static final int WINDOW = 20_000;
    private static final byte[] NOTHING = {};

    private record Sent(int flags, int sequence, int acknowledgment, byte[] data) {
    }

    private final List<Sent> sent = new ArrayList<>();
    private final List<byte[]> messages = new ArrayList<>();
    private long now;
    private TcpConnection connection = connect();

    private TcpConnection connect() {
        return new TcpConnection(new TcpSegment(SYN, THEIRS, 0, WINDOW, MSS), OURS, 1410,
                (flags, sequence, acknowledgment, data, offset, length) ->
                        sent.add(new Sent(flags, sequence, acknowledgment, Arrays.copyOfRange(data, offset, offset + length))),
                messages::add, now);
    }

    private void client(int flags, int sequence, int acknowledgment, byte... data) {
        connection.receive(new TcpSegment(flags, sequence, acknowledgment, WINDOW, TcpSegment.DEFAULT_MSS), data, now);
    }

    private void establish() {
        client(ACK, THEIRS + 1, OURS + 1);
        sent.clear();
    }

    private Sent only() {
        assertEquals(1, sent.size(), sent.toString());
        return sent.removeFirst();
    }

    private static void assertSent(Sent segment, int flags, int sequence, int acknowledgment, byte... data) {
        assertEquals(List.of(flags, sequence, acknowledgment), List.of(segment.flags(), segment.sequence(), segment.acknowledgment()));
        assertArrayEquals(data, segment.data());
    }

    @Test
    void shouldShakeHandsAnswerAndClose() {
        assertSent(only(), SYN | ACK, OURS, THEIRS + 1);
        client(ACK, THEIRS + 1, OURS + 1);
        assertEquals(List.of(), sent);

        client(ACK | PSH, THEIRS + 1, OURS + 1, (byte) 0, (byte) 3, (byte) 'a', (byte) 'b', (byte) 'c');
        assertSent(only(), ACK, OURS + 1, THEIRS + 6);
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, messages.getFirst());

        connection.answer(new byte[] {'x', 'y'}, now);
        assertSent(only(), ACK | PSH, OURS + 1, THEIRS + 6, (byte) 0, (byte) 2, (byte) 'x', (byte) 'y');
        client(ACK | FIN, THEIRS + 6, OURS + 5);
        assertSent(only(), FIN | ACK, OURS + 5, THEIRS + 7);
        client(ACK, THEIRS + 7, OURS + 6);
        assertEquals(TcpConnection.State.CLOSED, connection.state());
        assertEquals(List.of(), sent);
    }

    @Test
    void shouldTakeMessagesInPiecesAndSeveralAtOnce() {
        establish();
        byte[] two = {0, 1, 'a', 0, 2, 'b', 'c'};
        for (int i = 0; i < two.length; i++) {
            client(ACK, THEIRS + 1 + i, OURS + 1, two[i]);
        }
        client(ACK, THEIRS + 8, OURS + 1, two);
        assertEquals(List.of("a", "bc", "a", "bc"), messages.stream().map(String::new).toList());
    }

    @Test
    void shouldDropWhatIsOutOfOrderAndSayWhatItWaitsFor() {
        establish();
        client(ACK, THEIRS + 2, OURS + 1, (byte) 1);
        assertSent(only(), ACK, OURS + 1, THEIRS + 1);
        client(ACK, THEIRS + 1, OURS + 1, (byte) 0, (byte) 1);
        sent.clear();
        client(ACK, THEIRS + 1, OURS + 1, (byte) 0, (byte) 1, (byte) 'a'); // half of it is known
        assertSent(only(), ACK, OURS + 1, THEIRS + 4);
        client(ACK, THEIRS + 1, OURS + 1, (byte) 0, (byte) 1, (byte) 'a');
        assertSent(only(), ACK, OURS + 1, THEIRS + 4);
        assertEquals(1, messages.size());
    }

    @Test
    void shouldAnswerAfterTheClientHasSentAllBeforeItCloses() {
        establish();
        client(ACK | FIN, THEIRS + 1, OURS + 1, (byte) 0, (byte) 1, (byte) 'a');
        assertSent(only(), ACK, OURS + 1, THEIRS + 5);
        connection.answer(new byte[] {'x'}, now);
        assertSent(sent.removeFirst(), ACK | PSH, OURS + 1, THEIRS + 5, (byte) 0, (byte) 1, (byte) 'x');
        assertSent(only(), FIN | ACK, OURS + 4, THEIRS + 5);
        assertEquals(TcpConnection.State.LAST_ACK, connection.state());
    }

    @Test
    void shouldKeepToTheClientsWindowAndSegmentSize() {
        establish();
        connection.receive(new TcpSegment(ACK, THEIRS + 1, OURS + 1, 2500, 536), new byte[] {0, 1, 'a'}, now);
        sent.clear();
        connection.answer(new byte[6000], now);
        assertEquals(List.of(1000, 1000, 500), sent.stream().map(segment -> segment.data().length).toList());
        sent.clear();
        client(ACK, THEIRS + 4, OURS + 1 + 2500);
        assertEquals(List.of(1000, 1000, 1000, 502), sent.stream().map(segment -> segment.data().length).toList());
    }

    @Test
    void shouldSendAgainWhatWasLostLaterEachTimeAndGiveUp() {
        assertSent(only(), SYN | ACK, OURS, THEIRS + 1);
        long wait = TcpConnection.FIRST_TIMEOUT_NANOS;
        for (int i = 0; i < TcpConnection.MAX_RETRANSMITS && now + wait < TcpConnection.IDLE_NANOS; i++) {
            connection.tick(now + wait - 1);
            assertEquals(List.of(), sent);
            now += wait;
            connection.tick(now);
            assertSent(only(), SYN | ACK, OURS, THEIRS + 1);
            wait *= 2;
        }
        now = TcpConnection.IDLE_NANOS;
        connection.tick(now);
        assertSent(only(), RST | ACK, OURS + 1, THEIRS + 1);
        assertEquals(TcpConnection.State.CLOSED, connection.state());
    }

    @Test
    void shouldBelieveALateAcknowledgmentOfWhatItWasAboutToSendAgain() {
        establish();
        connection.receive(new TcpSegment(ACK, THEIRS + 1, OURS + 1, WINDOW, 536), new byte[] {0, 1, 'a'}, now);
        sent.clear();
        connection.answer(new byte[15_000], now);
        assertEquals(10, sent.size());
        now += TcpConnection.FIRST_TIMEOUT_NANOS;
        client(ACK, THEIRS + 4, OURS + 1 + 5_000);
        sent.clear();
        connection.tick(now + TcpConnection.FIRST_TIMEOUT_NANOS);
        sent.clear();
        client(ACK, THEIRS + 4, OURS + 1 + 15_000);
        assertSent(only(), ACK | PSH, OURS + 1 + 15_000, THEIRS + 4, (byte) 0, (byte) 0);
        client(ACK | FIN, THEIRS + 4, OURS + 1 + 15_002);
        assertSent(only(), FIN | ACK, OURS + 1 + 15_002, THEIRS + 5);
    }

    @Test
    void shouldEndOnAResetThatIsInPlaceOnly() {
        establish();
        client(RST, THEIRS + 2, 0);
        assertEquals(TcpConnection.State.ESTABLISHED, connection.state());
        client(SYN, THEIRS + 99, 0);
        assertSent(only(), ACK, OURS + 1, THEIRS + 1);
        client(ACK, THEIRS + 1, OURS + 1000);
        assertSent(only(), ACK, OURS + 1, THEIRS + 1);
        client(RST, THEIRS + 1, 0);
        assertEquals(TcpConnection.State.CLOSED, connection.state());
    }

    @Test
    void shouldSendAwayWhoAsksOnAndReadsNothing() {
        establish();
        int sequence = THEIRS + 1;
        for (int i = 0; i < 20 && connection.state() != TcpConnection.State.CLOSED; i++) {
            client(ACK, sequence, OURS + 1, (byte) 0, (byte) 1, (byte) 'a');
            sequence += 3;
            connection.answer(new byte[65_000], now);
        }
        assertEquals(TcpConnection.State.CLOSED, connection.state());
        assertEquals(RST | ACK, sent.getLast().flags());
    }

    /** A client whose segments, and whose server's segments, are lost one time in five; the same at each run. */
    @Test
    void shouldCarryEverythingOverALossyLink() {
        for (int seed = 0; seed < 50; seed++) {
            sent.clear();
            messages.clear();
            now = 0;
            connection = connect();
            assertArrayEquals(new byte[] {'q', 'u', 'e', 'r', 'y'}, new LossyClient(new Random(seed)).exchange(), "seed " + seed);
        }
    }

    private final class LossyClient {
        private final Random random;
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private final byte[] question = {0, 5, 'q', 'u', 'e', 'r', 'y'};
        private int next;
        private boolean answered;

        LossyClient(Random random) {
            this.random = random;
        }

        byte[] exchange() {
            byte[] answer = new byte[40_000];
            random.nextBytes(answer);
            for (int round = 0; got.size() < answer.length + 2; round++) {
                assertTrue(round < 4_000, "it never ends: " + got.size());
                now += TcpConnection.FIRST_TIMEOUT_NANOS / 10;
                List<Sent> arrived = List.copyOf(sent);
                sent.clear();
                arrived.stream().filter(_ -> random.nextInt(5) > 0).forEach(this::receive);
                if (random.nextInt(5) > 0) {
                    client(ACK, THEIRS + 1, OURS + 1 + got.size(), question);
                }
                if (!messages.isEmpty() && !answered) {
                    answered = true;
                    connection.answer(answer, now);
                }
                connection.tick(now);
            }
            assertArrayEquals(answer, Arrays.copyOfRange(got.toByteArray(), 2, answer.length + 2));
            return messages.getFirst();
        }

        private void receive(Sent segment) {
            next = OURS + 1 + got.size();
            if (segment.sequence() == next) {
                got.writeBytes(segment.data());
            }
        }
    }
}
