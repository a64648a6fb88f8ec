package dev.weft.api.path;

import dev.weft.api.DataPathKind;
import dev.weft.api.FrameChannel;
import dev.weft.api.WeftException;
import dev.weft.api.counter.CounterSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries the packets of a node. One job: make the state so. {@link #apply} and {@link #close} are called by one thread at a
 * time; the rest by any.
 */
public interface DataPath extends AutoCloseable {

    DataPathKind kind();

    /** Bytes of an IP packet that the uplink takes. */
    int underlayMtu();

    /** What it says of itself, as {@code key=value}. */
    List<String> properties();

    /**
     * Makes the state so, by difference from what is there (not from what was applied before: a restart, a missed event and a
     * first start are the same case). Idempotent. Returns when it is so.
     *
     * <p>A local endpoint that cannot be made (namespace gone, interface name taken) does not stop the others: it is left
     * out, nothing of it stays behind, and the result names it. It is tried again at the next call.
     *
     * @return the endpoints that could not be made, each with the reason; empty when all is so
     * @throws WeftException.DataPathFailed if the data path as a whole cannot go on
     */
    Map<EndpointId, WeftException> apply(DataPathState state);

    /**
     * The frames of an in-process endpoint of the state applied last; the same object at each call.
     *
     * @throws WeftException.NotFound if there is no such in-process endpoint
     */
    FrameChannel frames(EndpointId endpoint);

    /**
     * The gateway of a network of the state applied last; empty when there is none, or the data path cannot serve at it. Another
     * object than before means that it was made anew.
     */
    default Optional<Gateway> gateway(int vni) {
        return Optional.empty();
    }

    CounterSnapshot counters();

    /**
     * Why it cannot carry encrypted networks, in one sentence with what to do; empty when it can. {@link #apply} reports every
     * endpoint of an encrypted network as one that could not be made then.
     */
    default Optional<String> clearOnly() {
        return Optional.of("this data path does not encrypt");
    }

    /** Of every SA of the state applied last. */
    default List<SaUsage> saUsage() {
        return List.of();
    }

    /**
     * Watches the uplink, for a test that nothing goes over it in clear.
     *
     * @throws WeftException.DataPathFailed   if the uplink is not an interface that can be watched; with the reason
     * @throws WeftException.PrivilegeMissing if this process may not
     */
    default UplinkCapture captureUplink() {
        throw new WeftException.DataPathFailed("the uplink of this data path cannot be watched");
    }

    /** Removes everything it made in the operating system and frees all packets. Idempotent. */
    @Override
    void close();
}
