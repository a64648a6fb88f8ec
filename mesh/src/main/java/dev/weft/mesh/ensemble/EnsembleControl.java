package dev.weft.mesh.ensemble;

import dev.weft.mesh.model.ServerRecord;
import java.net.InetSocketAddress;
import java.util.Collection;

/** The ensemble as the cluster store has it. Thread-safe. */
public interface EnsembleControl {

    /**
     * An ensemble as read.
     *
     * @param version another one for each ensemble
     */
    record Configuration(Ensemble ensemble, long version) {
    }

    /** @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away */
    Configuration configuration();

    /** The same in the store's own words, for a server that shall join. */
    String configurationText();

    /**
     * Makes the ensemble so, if it is still the one that was read. Does nothing when it is so already.
     *
     * @param servers where they are; of one that is not among them the ensemble keeps what it knows
     * @return false when the store will not have it at the moment: the ensemble is another one by now, or too few of the new
     *         voters follow the leader
     * @throws dev.weft.api.WeftException.ManagerUnreachable if the store is away
     */
    boolean change(long version, Ensemble next, Collection<ServerRecord> servers);

    /** Where the store's servers are now. Taken up when the present connection breaks. */
    void follow(Collection<InetSocketAddress> servers);
}
