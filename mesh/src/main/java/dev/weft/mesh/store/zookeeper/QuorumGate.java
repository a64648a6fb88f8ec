package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.ServerHandshake;
import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before the ports between managers: ZooKeeper is given a connection when it is known to be another manager's. ZooKeeper itself would
 * take a new one at a time, wait for each, and log whatever is no TLS, each time. Thread-safe.
 */
final class QuorumGate implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QuorumGate.class);
    /** From the first byte to the last one of a handshake. */
    private static final long PATIENCE_MS = 5_000;
    /** Handshakes under way; who comes then waits in the kernel's queue. */
    private static final int PLACES = 64;

    private final ServerHandshake handshake;
    private final Semaphore places = new Semaphore(PLACES);
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weft-quorum-deadlines").factory());

    QuorumGate(ServerScope scope) {
        handshake = scope.credentials().handshake(ControlPort.QUORUM, QuorumContext.managersOf(scope), false);
    }

    /**
     * Blocks while there is no place. What the threads of a server begin here belongs to that server ({@link ServerScope}).
     *
     * @param admitted is given the secured connection, on a thread of its own
     */
    void admit(Socket connection, Consumer<Socket> admitted) {
        places.acquireUninterruptibly();
        Thread.ofVirtual().name("weft-quorum-handshake").start(() -> {
            Optional<SSLSocket> secured;
            try {
                secured = secure(connection);
            } finally {
                places.release();
            }
            secured.ifPresentOrElse(admitted, () -> close(connection));
        });
    }

    private Optional<SSLSocket> secure(Socket connection) {
        try {
            ScheduledFuture<?> deadline = deadlines.schedule(() -> close(connection), PATIENCE_MS, TimeUnit.MILLISECONDS);
            try {
                return handshake.perform(connection);
            } finally {
                deadline.cancel(false);
            }
        } catch (RejectedExecutionException e) {
            return Optional.empty(); // the server has ended
        }
    }

    static void close(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("a connection between managers was closed already: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
    }
}
