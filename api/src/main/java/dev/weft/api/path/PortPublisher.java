package dev.weft.api.path;

/**
 * Lets published ports answer at the addresses of the host, whatever carries the packets between the nodes. One thread at a time.
 *
 * <p>A connection to a published port becomes one to the service's VIP in the ingress network and goes there by the node's gateway
 * endpoint, with the client's own source address. A backend's answer goes to the node that the connection came by, which turns both
 * translations back.
 */
public interface PortPublisher extends AutoCloseable {

    /**
     * Makes the state so, by difference from what is there. Idempotent.
     *
     * @throws dev.weft.api.WeftException if something cannot be made; all else is
     */
    void apply(PublishedState state);

    /** Whether ports can answer at this host's addresses; if not, its endpoints may still stand behind those that answer elsewhere. */
    default boolean answers() {
        return true;
    }

    /** Removes everything it made. Idempotent. */
    @Override
    void close();
}
