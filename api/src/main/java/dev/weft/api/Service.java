package dev.weft.api;

/** A published service. Thread-safe. */
public interface Service extends AutoCloseable {

    /** As it is now; as it was last while it is gone. */
    ServiceInfo info();

    /**
     * Changes the service, all of it or nothing. Open connections stay as they are, unless they are to a VIP or a backend that is
     * taken away.
     *
     * @return the service as it is now
     * @throws WeftException.NotFound        if the service is gone, or has not published what is to be taken away
     * @throws WeftException.InvalidSpec     if it cannot be so
     * @throws WeftException.PortInUse       if somebody else has published one of the ports
     * @throws WeftException.PoolExhausted   if no address is left for a VIP
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    ServiceInfo update(ServiceUpdate change);

    /**
     * Removes the service from the cluster; open connections lose their translation. Idempotent.
     *
     * @throws WeftException.InUse              if it stands for another network's, in the ingress network
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     * @throws WeftException.NodeClosed         if the node is closed
     */
    @Override
    void close();
}
