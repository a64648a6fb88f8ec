package dev.weft.mesh.simulation;

import java.util.ArrayDeque;
import java.util.Queue;

/** A TCP connection of a client to a server: in order, late when the link is cut for a while, and lost when either side gives it up. */
final class TcpConnection {

    private final Ensemble ensemble;
    private final ClientSession client;
    private final Server server;
    private final Direction up = new Direction();
    private final Direction down = new Direction();
    private boolean open = true;
    private boolean brokenAtServer;

    private final class Direction {
        private final Queue<Runnable> held = new ArrayDeque<>();
        private long lastArrival;

        void send(Runnable action) {
            VirtualTime time = ensemble.time();
            lastArrival = Math.max(lastArrival, time.micros() + ensemble.timing().latency().draw(ensemble.random()));
            time.after(lastArrival - time.micros(), () -> arrive(action));
        }

        private void arrive(Runnable action) {
            if (client.isCut() || !held.isEmpty()) {
                held.add(action);
            } else if (open) {
                action.run();
            }
        }

        void flush() {
            while (open && !held.isEmpty() && !client.isCut()) {
                held.remove().run();
            }
        }
    }

    TcpConnection(Ensemble ensemble, ClientSession client, Server server) {
        this.ensemble = ensemble;
        this.client = client;
        this.server = server;
    }

    Server server() {
        return server;
    }

    boolean isOpen() {
        return open;
    }

    void toServer(int bytes, Runnable action) {
        client.traffic().sent(bytes);
        up.send(() -> {
            if (!brokenAtServer) {
                ensemble.heardOf(client.number());
                action.run();
            }
        });
    }

    void toClient(int bytes, Runnable action) {
        if (open) {
            down.send(() -> {
                client.traffic().received(bytes);
                action.run();
            });
        }
    }

    /** The link is whole again: what TCP has kept arrives. */
    void healed() {
        up.flush();
        down.flush();
    }

    /** By the client; the server learns of it when the session ends. */
    void close() {
        open = false;
        server.remove(this);
    }

    /** The client learns of it when the link lets it. */
    void brokenByServer() {
        brokenAtServer = true;
        down.send(() -> client.lostConnection(this));
    }
}
