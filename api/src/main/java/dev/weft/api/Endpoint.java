package dev.weft.api;

/** A member of a network that this node attached. Thread-safe. */
public interface Endpoint extends AutoCloseable {

    /** As it was attached, with its health as this node knows it. Asks nobody. */
    EndpointInfo info();

    /**
     * The frames of an in-process endpoint. Whoever takes them speaks ARP and ND itself; a datagram channel and the frame
     * channel exclude each other for as long as the endpoint is attached. Each call returns the same channel.
     *
     * @throws WeftException.InvalidSpec if the endpoint is of another kind or has had a datagram channel open
     * @throws WeftException.NodeClosed  if it has been detached
     */
    FrameChannel frames();

    /**
     * Opens UDP on an in-process endpoint.
     *
     * @param port 1 to 65535, or 0 for a free one
     * @throws WeftException.PortInUse   if another channel of this endpoint has the port
     * @throws WeftException.InvalidSpec if the endpoint is of another kind, its frames have been taken, or the port is out of range
     * @throws WeftException.NodeClosed  if it has been detached
     */
    OverlayDatagramChannel openDatagramChannel(int port);

    /**
     * Says whether the endpoint is fit to serve. Unhealthy, it gets no new flows of services; those that are open stay. Returns when the
     * cluster knows.
     *
     * @param health {@link Health#HEALTHY} or {@link Health#UNHEALTHY}
     * @param reason for people, at most {@value HealthStatus#MAX_REASON} characters; may be empty
     * @throws WeftException.InvalidSpec        if it is anything else, or the endpoint has a health check, which says so itself
     * @throws WeftException.NodeClosed         if the endpoint has been detached
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    void health(Health health, String reason);

    /**
     * Detaches: frees addresses, removes interfaces. Returns when this node's data path has let go of it, after 15 s at most. Idempotent.
     *
     * @throws WeftException.ManagerUnreachable if the cluster store is away; it stays attached
     */
    @Override
    void close();
}
