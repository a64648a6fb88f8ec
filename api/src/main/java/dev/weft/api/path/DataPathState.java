package dev.weft.api.path;

import java.util.List;

/**
 * All that a data path has to make so. Immutable; computed from the cluster's state by a pure function.
 *
 * @param epoch grows with each computation; a data path ignores a state older than the one it has
 */
public record DataPathState(long epoch, List<NetworkState> networks) {

    /** Nothing at all: applied, it removes everything that the data path made. */
    public static final DataPathState EMPTY = new DataPathState(0, List.of());

    public DataPathState {
        networks = List.copyOf(networks);
    }
}
