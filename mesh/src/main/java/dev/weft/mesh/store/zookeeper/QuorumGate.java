package dev.weft.mesh.store.zookeeper;

import dev.weft.mesh.pki.ControlPort;
import dev.weft.mesh.pki.HandshakePlaces;
import dev.weft.mesh.pki.ServerHandshake;
import java.net.Socket;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocket;

/**
 * Before the ports between managers: ZooKeeper is given a connection when it is known to be another manager's. ZooKeeper itself would
 * take a new one at a time, wait for each, and log whatever is no TLS, each time. Thread-safe.
 */
final class QuorumGate implements AutoCloseable {

    private final ServerHandshake handshake;
    /** Who comes when all are taken waits in the kernel's queue. */
    private final HandshakePlaces places = new HandshakePlaces("weft-quorum-deadlines");

    QuorumGate(ServerScope scope) {
        handshake = scope.credentials().handshake(ControlPort.QUORUM, QuorumContext.managersOf(scope), false);
    }

    /**
     * Blocks while there is no place. What the threads of a server begin here belongs to that server ({@link ServerScope}).
     *
     * @param admitted is given the secured connection, on a thread of its own
     */
    void admit(Socket connection, Consumer<Socket> admitted) {
        places.take(connection).ifPresentOrElse(place -> Thread.ofVirtual().name("weft-quorum-handshake").start(() -> {
            Optional<SSLSocket> secured;
            try (place) {
                secured = handshake.perform(connection);
            }
            secured.ifPresentOrElse(admitted, () -> close(connection));
        }), () -> close(connection));
    }

    static void close(Socket connection) {
        HandshakePlaces.closeQuietly(connection);
    }

    @Override
    public void close() {
        places.close();
    }
}
