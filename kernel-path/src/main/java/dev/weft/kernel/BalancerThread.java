package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.ReadinessWait;
import dev.weft.ffm.netlink.NetlinkException;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a {@link Balancer} does its work that nobody waits for.
 *
 * <pre>
 *   COUNTING --- all flows counted ---> LISTENING --- an event ---> heard, then PAUSE ---> LISTENING ...
 *      ^                                    |                         |
 *      +--- asked to count ({@link #count}) ------+--- events were lost ----+
 * </pre>
 * A failure, whatever it is, is retried after RETRY. Listening costs nothing. The pause makes what comes in it one piece of work.
 */
final class BalancerThread implements AutoCloseable {

    /** What it does, on this thread. */
    interface Work {

        /** Counts all flows anew. @return a descriptor that can be read when there are events */
        int count();

        /** Hears what has come. @return false when all has to be counted again */
        boolean hear();

        /** Does what follows from it. */
        void write(NetlinkSocket socket);
    }

    private static final Logger LOG = LoggerFactory.getLogger(BalancerThread.class);
    private static final long PAUSE_MILLIS = 20;
    /** What comes in this time has to have place in the socket. */
    private static final long MOST_PAUSE_MILLIS = 200;
    private static final long RETRY_MILLIS = 1000;
    /** It writes one part of the time of so many at the most, and counts another one. */
    private static final int PARTS = 10;
    private static final int FOREVER = -1;

    private final NetworkNamespace namespace;
    private final Work work;
    private final NetlinkSocket socket;
    private final ReadinessWait readiness;
    private final Thread thread;
    private long notCountedBefore = System.nanoTime();
    private boolean counting;
    private boolean closed;
    private boolean failed;

    private BalancerThread(NetworkNamespace namespace, Work work, OptionalInt descriptor, NetlinkSocket socket, ReadinessWait readiness) {
        this.namespace = namespace;
        this.work = work;
        this.socket = socket;
        this.readiness = readiness;
        this.thread = Thread.ofPlatform().daemon().name("weft-balancer-" + namespace.name()).unstarted(this::run);
        this.counting = descriptor.isEmpty();
        descriptor.ifPresent(number -> readiness.watch(new int[] {number}));
    }

    /** @param descriptor as {@link Work#count} gives it; none when the flows have to be counted first */
    static BalancerThread start(NetworkNamespace namespace, Work work, OptionalInt descriptor) {
        ReadinessWait readiness = ReadinessWait.open();
        NetlinkSocket socket = null;
        try {
            socket = namespace.call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER));
            BalancerThread balancer = new BalancerThread(namespace, work, descriptor, socket, readiness);
            balancer.thread.start();
            return balancer;
        } catch (RuntimeException | Error e) { // an error when there can be no further thread
            if (socket != null) {
                socket.close();
            }
            readiness.close();
            throw e;
        }
    }

    /** For requests in the namespace, by any thread. */
    NetlinkSocket socket() {
        return socket;
    }

    /** Has all flows counted again, soon. */
    synchronized void count() {
        counting = true;
        readiness.wake();
    }

    private void run() {
        try {
            while (step()) {
                readiness.await(FOREVER);
            }
        } finally {
            socket.close();
            readiness.close();
        }
    }

    /** Works, again and again while there is work that nobody wakes it for. @return false when it is closed */
    private boolean step() {
        do {
            long pause;
            try {
                pause = work();
                failed = false;
            } catch (NetlinkException | WeftException e) {
                pause = retry(e.getMessage());
            } catch (RuntimeException | Error e) { // also an error, such as that there can be no further thread: nobody would balance any more
                pause = retry(e.toString());
            }
            if (!pause(pause)) {
                return false;
            }
        } while (isCounting());
        return true;
    }

    private long retry(String why) {
        if (!failed) {
            LOG.warn("{}: services by least connections keep the order of backends that they have, and this is tried again: {}",
                    namespace.name(), why);
        }
        failed = true;
        count();
        return RETRY_MILLIS;
    }

    /** @return milliseconds until it shall do so again */
    private long work() {
        long start = System.nanoTime();
        if (isCounting() && start - notCountedBefore >= 0) {
            counted();
            readiness.watch(new int[] {work.count()});
            notCountedBefore = start + (System.nanoTime() - start) * PARTS;
        }
        if (!work.hear()) {
            count();
        }
        long heard = System.nanoTime();
        work.write(socket);
        return Math.clamp(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heard) * PARTS, PAUSE_MILLIS, MOST_PAUSE_MILLIS);
    }

    private synchronized boolean isCounting() {
        return counting;
    }

    /** Who asks from now on means another time. */
    private synchronized void counted() {
        counting = false;
    }

    /** @return false when it is closed; then it is over at once */
    private synchronized boolean pause(long milliseconds) {
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
            for (long rest = milliseconds; rest > 0 && !closed; rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                wait(rest);
            }
        } catch (InterruptedException e) {
            closed = true; // nobody does that but who wants it to end
        }
        return !closed;
    }

    /** Waits until it has ended. Not to be called with what {@link Work} waits for. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            readiness.wake();
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
