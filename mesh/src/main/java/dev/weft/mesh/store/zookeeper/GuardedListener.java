package dev.weft.mesh.store.zookeeper;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A leader's port for its followers: what {@link #accept} gives has come through the gate. Thread-safe. */
final class GuardedListener extends ServerSocket {

    private final ServerSocket listener;
    private final QuorumGate gate;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

    /** @param failure why there will be no more; the connection is null then */
    private record Arrival(Socket connection, IOException failure) {
    }

    /** @param listener bound; this object's from now on */
    GuardedListener(ServerSocket listener, QuorumGate gate) throws IOException {
        this.listener = listener;
        this.gate = gate;
        // a platform thread's socket is let go of when close returns, and the next leader binds the same port
        Thread.ofPlatform().daemon().name("weft-quorum-accept").start(this::acceptAll);
    }

    private void acceptAll() {
        try {
            while (true) {
                gate.admit(ZooKeeperInternals.accepted(listener.accept()), secured -> arrivals.add(new Arrival(secured, null)));
            }
        } catch (IOException e) {
            arrivals.add(new Arrival(null, e));
        }
    }

    @Override
    public Socket accept() throws IOException {
        try {
            Arrival next = arrivals.take();
            if (next.failure() != null) {
                arrivals.add(next);
                throw next.failure();
            }
            return next.connection();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketException("interrupted while waiting for a follower");
        }
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return listener.getLocalSocketAddress();
    }

    @Override
    public boolean isClosed() {
        return listener.isClosed();
    }

    /** Ends connections that nobody has taken, too. */
    @Override
    public void close() throws IOException {
        listener.close();
        arrivals.stream().map(Arrival::connection).filter(connection -> connection != null).forEach(QuorumGate::close);
    }
}
