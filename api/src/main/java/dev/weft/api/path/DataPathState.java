package dev.weft.api.path;

import java.util.List;

/**
 * All that a data path has to make so. Immutable; computed from the cluster's state by a pure function.
 *
 * @param epoch grows with each computation; a data path ignores a state older than the one it has
 * @param peers the SAs with the other nodes of encrypted networks, at most one entry for each peer and cipher
 */
public record DataPathState(long epoch, List<NetworkState> networks, List<PeerSecurity> peers) {

    /** Nothing at all: applied, it removes everything that the data path made. */
    public static final DataPathState EMPTY = new DataPathState(0, List.of());

    public DataPathState {
        networks = List.copyOf(networks);
        peers = List.copyOf(peers);
    }

    /** Nothing is encrypted. */
    public DataPathState(long epoch, List<NetworkState> networks) {
        this(epoch, networks, List.of());
    }
}
