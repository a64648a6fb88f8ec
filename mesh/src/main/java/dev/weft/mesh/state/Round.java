package dev.weft.mesh.state;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.slf4j.Logger;

/**
 * How one application of the state ended.
 *
 * @param failed those of this node that could not be made
 * @param broken why the data path as a whole could not go on; null when it could
 */
record Round(DataPathState state, Map<EndpointId, WeftException> failed, WeftException broken) {

    /** Before the first one. */
    static final Round NONE = new Round(DataPathState.EMPTY, Map.of(), null);

    /** Computes the state and applies it, unless it is the one that is there already. */
    Round next(long epoch, LongFunction<DataPathState> source,
               Function<DataPathState, Map<EndpointId, WeftException>> path) {
        DataPathState next = state;
        try {
            next = source.apply(epoch);
            if (this != NONE && isClean() && next.networks().equals(state.networks()) && next.peers().equals(state.peers())) {
                return this;
            }
            return new Round(next, Map.copyOf(path.apply(next)), null);
        } catch (WeftException e) {
            return new Round(next, Map.of(), e);
        } catch (RuntimeException e) {
            return new Round(next, Map.of(), new WeftException.DataPathFailed("the data path failed unexpectedly: " + e
                    + "; look at the node's log", e));
        }
    }

    boolean isClean() {
        return failed.isEmpty() && broken == null;
    }

    /** Whether the endpoint is in the state, here or behind another VTEP. */
    boolean wants(EndpointId endpoint) {
        return state.networks().stream().anyMatch(network -> network.vni() == endpoint.vni()
                && (network.locals().find(endpoint.name()).isPresent() || network.remotes().find(endpoint.name()).isPresent()));
    }

    boolean carries(EndpointId endpoint) {
        return wants(endpoint) && broken == null && !failed.containsKey(endpoint);
    }

    boolean hasNetwork(int vni) {
        return state.networks().stream().anyMatch(network -> network.vni() == vni);
    }

    Optional<WeftException> failureOf(EndpointId endpoint) {
        return wants(endpoint) && broken != null ? Optional.of(broken) : Optional.ofNullable(failed.get(endpoint));
    }

    /** A failure that goes on is logged once and not at each attempt. */
    void logWhatIsNew(Round before, Logger log) {
        failed.forEach((endpoint, reason) -> {
            if (!before.failed.containsKey(endpoint)) {
                log.warn("endpoint {} could not be made and will be tried again: {}", endpoint, reason.getMessage());
            }
        });
        if (broken != null && before.broken == null) {
            log.error("the data path could not take up state {} and will try again", state.epoch(), broken);
        }
        if (isClean() && !before.isClean()) {
            log.info("the data path is as it should be again");
        }
    }
}
