package dev.weft.benchmarks.names;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks by one socket without waiting for answers, so many a second, and takes the time of each answer. */
final class DatagramAsker {

    private static final int IDS = 1 << 16;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** RFC 1035, 4.1.3: a record whose name is a pointer, with an IPv4 address. */
    private static final int RECORD = 16;
    private static final int ADDRESS = 4;

    private final int rate;
    private final List<Expected> all;
    private final List<byte[]> questions;
    private final DatagramChannel socket;
    private final Tally tally;
    /** By id, which is given again after 65,536 questions: when it was asked. 0: answered, or never asked. */
    private final long[] askedAt = new long[IDS];
    private final long[] nanos;
    private volatile boolean sending = true;

    /** @param socket connected to the name server */
    DatagramAsker(int rate, int seconds, List<Expected> all, DatagramChannel socket) {
        this.rate = rate;
        this.all = all;
        this.questions = all.stream().map(Expected::question).toList();
        this.socket = socket;
        nanos = new long[rate * seconds];
        tally = new Tally("datagrams", nanos.length, all);
    }

    Tally ask() throws Exception {
        Thread receiver = Thread.ofPlatform().start(this::receive);
        Pace pace = new Pace(rate);
        ByteBuffer buffer = ByteBuffer.allocateDirect(512);
        for (int n = 0; n < nanos.length; n++) {
            pace.await(n);
            buffer.clear().put(questions.get(what(n % IDS))).putShort(0, (short) n).flip();
            askedAt[n % IDS] = System.nanoTime();
            socket.write(buffer);
        }
        sending = false;
        receiver.join();
        return tally;
    }

    /** Which of all names an id asks for. */
    private int what(int id) {
        return id % all.size();
    }

    String times() {
        long[] sorted = Arrays.copyOf(nanos, tally.right());
        Arrays.sort(sorted);
        return String.format(Locale.ROOT, "datagrams answered after: median %.0f us, 99 %% %.0f us, slowest %.1f ms",
                at(sorted, 0.5) / 1e3, at(sorted, 0.99) / 1e3, at(sorted, 1) / 1e6);
    }

    private static long at(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, part * sorted.length)];
    }

    private void receive() {
        ByteBuffer answer = ByteBuffer.allocateDirect(2048);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try {
            socket.configureBlocking(false);
            while (!tally.isComplete() && (sending || deadline - System.nanoTime() > 0)) {
                if (socket.read(answer.clear()) > 0) {
                    look(answer.flip());
                    deadline = System.nanoTime() + PATIENCE_NANOS;
                } else {
                    LockSupport.parkNanos(20_000);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the socket failed", e);
        }
    }

    private void look(ByteBuffer answer) throws IOException {
        long now = System.nanoTime();
        int id = answer.getShort(0) & 0xffff;
        Expected expected = all.get(what(id));
        long asked = askedAt[id];
        askedAt[id] = 0;
        if (asked == 0 || !isAnswerTo(questions.get(what(id)), answer)) {
            tally.wrong();
        } else if (tally.look(expected.ipv4(), expected.shared(), addresses(answer))) {
            nanos[tally.right() - 1] = now - asked;
        }
    }

    /** No error, and the question is repeated as it was asked, the letters' case too. */
    private static boolean isAnswerTo(byte[] question, ByteBuffer answer) {
        int length = question.length - Expected.HEADER;
        return (answer.getShort(2) & 0xf) == 0 && answer.limit() == question.length + (answer.getShort(6) & 0xffff) * RECORD
                && answer.slice(Expected.HEADER, length).equals(ByteBuffer.wrap(question, Expected.HEADER, length));
    }

    private static List<InetAddress> addresses(ByteBuffer answer) throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (int end = answer.limit() - (answer.getShort(6) - 1) * RECORD; end <= answer.limit(); end += RECORD) {
            byte[] address = new byte[ADDRESS];
            answer.get(end - ADDRESS, address);
            addresses.add(InetAddress.getByAddress(address));
        }
        return addresses;
    }
}
