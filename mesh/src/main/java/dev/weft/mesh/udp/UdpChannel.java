package dev.weft.mesh.udp;

import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.WeftException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One port of a {@link UdpStack}. Thread-safe. */
final class UdpChannel implements OverlayDatagramChannel {

    private final UdpStack stack;
    private final int port;
    private final DatagramQueue queue = new DatagramQueue();
    private volatile boolean closed;

    UdpChannel(UdpStack stack, int port) {
        this.stack = stack;
        this.port = port;
    }

    @Override
    public int localPort() {
        return port;
    }

    @Override
    public void send(ByteBuffer datagram, InetSocketAddress target) {
        if (closed) {
            throw new WeftException.NodeClosed("the datagram channel of port " + port + " is closed; open another");
        }
        stack.send(port, datagram, target);
    }

    void received(DatagramQueue.Received datagram) {
        queue.offer(datagram);
    }

    @Override
    public InetSocketAddress receive(ByteBuffer into, Duration timeout) throws InterruptedException {
        DatagramQueue.Received datagram = queue.take(timeout);
        if (datagram == null) {
            return null;
        }
        into.put(datagram.data(), 0, Math.min(into.remaining(), datagram.data().length));
        return datagram.from();
    }

    @Override
    public void close() {
        closed = true;
        stack.release(this);
        queue.close();
    }
}
