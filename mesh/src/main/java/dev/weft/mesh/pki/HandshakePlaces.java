package dev.weft.mesh.pki;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places at one port for those who have not proved yet who they are. A place has {@link #LONGEST}, from the first byte to the last one, which
 * a machine under load needs. But when all are taken and somebody waits, whoever has had the time that a machine at rest needs is closed, and
 * so who opens many connections and says nothing gains nothing by the longer time. Thread-safe.
 */
public final class HandshakePlaces implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HandshakePlaces.class);

    /** For a handshake, and a request where one follows. */
    public static final Duration LONGEST = Duration.ofSeconds(20);
    private static final Duration ASSURED = Duration.ofSeconds(5);
    private static final int PLACES = 64;

    private final int most;
    private final Duration assured;
    private final Duration longest;
    private final ScheduledThreadPoolExecutor timer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    /** Oldest first. */
    private final Set<Place> taken = new LinkedHashSet<>();
    private int waiting;
    private boolean closed;

    /** Of one connection, until it is closed; the connection itself is somebody else's to close, but when its time is over. */
    public final class Place implements AutoCloseable {

        private final Socket connection;
        private final List<Future<?>> deadlines;
        private boolean mayGo;
        private volatile boolean late;

        private Place(Socket connection) {
            this.connection = connection;
            this.deadlines = List.of(after(assured, this::hadItsTime), after(longest, this::end));
        }

        /** Whether the connection was closed because its time was over. */
        public boolean isLate() {
            return late;
        }

        private void hadItsTime() {
            lock.lock();
            try {
                mayGo = true;
                if (waiting > 0) {
                    end();
                }
            } finally {
                lock.unlock();
            }
        }

        private void end() {
            late = true;
            closeQuietly(connection);
        }

        /** Idempotent. */
        @Override
        public void close() {
            deadlines.forEach(each -> each.cancel(false));
            lock.lock();
            try {
                taken.remove(this);
                left.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    /** @param name of the thread that keeps the time */
    public HandshakePlaces(String name) {
        this(name, PLACES, ASSURED, LONGEST);
    }

    HandshakePlaces(String name, int most, Duration assured, Duration longest) {
        this.most = most;
        this.assured = assured;
        this.longest = longest;
        this.timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    private Future<?> after(Duration time, Runnable task) {
        return timer.schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Blocks while there is no place. @return nothing when this has been closed: so is the connection to be */
    public Optional<Place> take(Socket connection) {
        lock.lock();
        try {
            waiting++;
            while (taken.size() >= most && !closed) {
                endOldest();
                left.awaitUninterruptibly();
            }
            waiting--;
            return occupy(connection);
        } finally {
            lock.unlock();
        }
    }

    /** @return nothing when there is no place: the connection is to be closed */
    public Optional<Place> tryTake(Socket connection) {
        lock.lock();
        try {
            if (taken.size() < most) {
                return occupy(connection);
            }
            endOldest(); // for who comes next
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Place> occupy(Socket connection) {
        if (closed) {
            return Optional.empty();
        }
        Place place = new Place(connection);
        taken.add(place);
        return Optional.of(place);
    }

    private void endOldest() {
        taken.stream().filter(place -> place.mayGo && !place.late).findFirst().ifPresent(Place::end);
    }

    public static void closeQuietly(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("a connection was closed already: {}", e.getMessage());
        }
    }

    /** Closes all connections that have a place. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            taken.forEach(Place::end);
            left.signalAll();
        } finally {
            lock.unlock();
        }
        timer.shutdownNow();
    }
}
