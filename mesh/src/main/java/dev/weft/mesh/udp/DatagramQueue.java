package dev.weft.mesh.udp;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Received datagrams of one channel: bounded, the newest is dropped when it is full, as sockets do. Thread-safe. */
final class DatagramQueue {

    /** Bytes of payload, about what Linux gives a UDP socket (net.core.rmem_default) without its overhead. */
    static final int CAPACITY = 1 << 20;
    /** What an empty datagram counts for, so that their number is bounded too. */
    static final int OVERHEAD = 64;

    /** A datagram that has arrived. */
    record Received(InetSocketAddress from, byte[] data) {
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Received> queue = new ArrayDeque<>();
    private int bytes;
    private boolean closed;

    /** Adds a datagram, or drops it when there is no room. */
    boolean offer(Received datagram) {
        lock.lock();
        try {
            int size = datagram.data().length + OVERHEAD;
            if (closed || bytes + size > CAPACITY) {
                return false;
            }
            bytes += size;
            queue.addLast(datagram);
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a datagram; null when the time is over or the queue was closed. */
    Received take(Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos(timeout);
            while (queue.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (queue.isEmpty() || closed) {
                return null;
            }
            Received datagram = queue.removeFirst();
            bytes -= datagram.data().length + OVERHEAD;
            return datagram;
        } finally {
            lock.unlock();
        }
    }

    /** For ever, when the duration is longer than a long has nanoseconds (292 years). */
    private static long nanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException _) {
            return Long.MAX_VALUE;
        }
    }

    /** Drops what waits and wakes who waits. */
    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
