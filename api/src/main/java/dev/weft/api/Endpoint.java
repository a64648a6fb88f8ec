package dev.weft.api;

/** A member of a network that this node attached. Thread-safe. */
public interface Endpoint extends AutoCloseable {

    EndpointInfo info();

    /**
     * The frames of an in-process endpoint. Whoever takes them speaks ARP and ND itself; a datagram channel and the frame
     * channel exclude each other.
     *
     * @throws WeftException.InvalidSpec if the endpoint is of another kind or has a datagram channel open
     */
    FrameChannel frames();

    /**
     * Opens UDP on an in-process endpoint.
     *
     * @param port 1 to 65535, or 0 for a free one
     * @throws WeftException.PortInUse   if another channel of this endpoint has the port
     * @throws WeftException.InvalidSpec if the endpoint is of another kind or its frames have been taken
     */
    OverlayDatagramChannel openDatagramChannel(int port);

    /** Detaches: frees addresses, removes interfaces. Idempotent. */
    @Override
    void close();
}
