package dev.weft.api;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * UDP over IPv4 and IPv6 for an in-process endpoint. Thread-safe. Datagrams are never fragmented: what does not fit the
 * network's MTU is refused. What has come by a published port is answered by sending to whom it came from, within three minutes of his last
 * datagram.
 */
public interface OverlayDatagramChannel extends AutoCloseable {

    /** The endpoint's first address of each family shares this port. */
    int localPort();

    /**
     * Sends the remaining bytes as one datagram; the buffer's position moves to its limit when it is sent. Neighbours are
     * resolved by ARP or ND; datagrams wait (a few, briefly) while they are.
     *
     * @throws WeftException.InvalidSpec if the datagram exceeds the MTU or the endpoint has no address of the target's family
     * @throws WeftException.NodeClosed  if the channel is closed
     */
    void send(ByteBuffer datagram, InetSocketAddress target);

    /**
     * Waits for a datagram and puts as much of it as fits into the buffer.
     *
     * @return who sent it, or null when the time is over or the channel was closed
     */
    InetSocketAddress receive(ByteBuffer into, Duration timeout) throws InterruptedException;

    /** Frees the port. Idempotent. */
    @Override
    void close();
}
