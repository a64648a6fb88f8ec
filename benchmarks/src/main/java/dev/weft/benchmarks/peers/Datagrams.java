package dev.weft.benchmarks.peers;

import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.Sockaddr;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Datagrams from one container to another, 64 by one system call at either end: a generator that sends each by a call of its own needs more of
 * the processors than what is measured, when they are few. Each is one to the kernel (no UDP_SEGMENT, no UDP_GRO) and has a number.
 */
final class Datagrams implements AutoCloseable {

    private static final int PORT = 7_007;
    private static final int RECEIVE_BUFFER = 4 << 20;
    /** After the last has been sent, silence of that length is the end. */
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    /** A receiver that slept until there is one would be woken for each, at the expense of who sends. */
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final int MSG_DONTWAIT = 0x40;
    private static final int EAGAIN = 11;
    private static final int EINTR = 4;
    private static final int ECONNREFUSED = 111;
    private static final int ENOBUFS = 105;
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NativeSocket out;
    private final NativeSocket in;
    private final MessageBatch outgoing;
    private final MessageBatch incoming;
    private final BitSet seen = new BitSet();
    private volatile boolean sending = true;
    private long sent;
    private long first;
    private long last;

    /** @param address of the server, in the client's eyes */
    Datagrams(String client, String server, String address, int bytes) {
        MemorySegment to = Sockaddr.of(InetAddress.ofLiteral(address), PORT);
        out = open(client);
        in = open(server);
        in.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_RCVBUFFORCE, RECEIVE_BUFFER);
        in.bind(Sockaddr.of(InetAddress.ofLiteral("0.0.0.0"), PORT), "port " + PORT);
        outgoing = new MessageBatch(bytes, to);
        incoming = new MessageBatch(bytes, MemorySegment.NULL);
    }

    private static NativeSocket open(String container) {
        try (NetworkNamespace namespace = NetworkNamespace.open(container)) {
            return namespace.call(() -> NativeSocket.open(NativeSocket.AF_INET, NativeSocket.SOCK_DGRAM, 0));
        }
    }

    /** @param sent datagrams @param received of these, each counted once @param rate of those that arrived in a second */
    record Count(long sent, long received, double rate) {
    }

    /** @param rate in a second; 0: as many as can be sent */
    Count run(double rate, int seconds) throws InterruptedException {
        Thread receiver = Thread.ofPlatform().name("datagrams in").start(this::receive);
        send(rate, seconds);
        sending = false;
        receiver.join();
        int received = seen.cardinality();
        return new Count(sent, received, received / Math.max(1e-9 * (last - first), seconds));
    }

    private void send(double rate, int seconds) {
        long start = System.nanoTime();
        for (long now = start; now - start < seconds * NANOS; now = System.nanoTime()) {
            long due = rate == 0 ? MessageBatch.MOST : (long) (rate * (now - start) / NANOS) - sent;
            if (due < 1) {
                LockSupport.parkNanos((long) (MessageBatch.MOST / 4 * NANOS / rate));
                continue;
            }
            int count = (int) Math.min(due, MessageBatch.MOST);
            outgoing.number(sent, count);
            int done = out.sendMany(outgoing.headers(), count, 0);
            if (done < 0 && done != -ENOBUFS && done != -ECONNREFUSED && done != -EINTR) {
                throw new IllegalStateException("sendmmsg failed: errno " + -done);
            }
            sent += Math.max(0, done);
        }
    }

    private void receive() {
        long silent = System.nanoTime();
        while (sending || System.nanoTime() - silent < SILENCE_NANOS) {
            int count = in.receiveMany(incoming.headers(), MessageBatch.MOST, MSG_DONTWAIT);
            if (count < 0 && count != -EAGAIN && count != -EINTR) {
                throw new IllegalStateException("recvmmsg failed: errno " + -count);
            }
            for (int i = 0; i < count; i++) {
                seen.set((int) incoming.number(i));
            }
            if (count > 0) {
                silent = System.nanoTime();
                last = silent;
                first = first == 0 ? last : first;
            }
            if (count < MessageBatch.MOST) {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }

    @Override
    public void close() {
        out.close();
        in.close();
    }
}
