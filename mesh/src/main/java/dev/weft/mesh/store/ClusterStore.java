package dev.weft.mesh.store;

import dev.weft.api.WeftException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What Weft needs of a cluster store: a tree of small entries, changed atomically and watched. Thread-safe. Paths begin with
 * a slash; an entry's parent has to exist.
 *
 * <p>Every call that asks the store waits at most {@link #PATIENCE_SECONDS} for it.
 */
public interface ClusterStore extends AutoCloseable {

    /** How long a call waits for a store that is away, in seconds. */
    int PATIENCE_SECONDS = 5;

    /**
     * @return the entry, or nothing when there is none
     * @throws WeftException.ManagerUnreachable if the store is away
     * @throws WeftException.ManagerRequired    if the store does not let this client read
     */
    Optional<Entry> read(String path);

    /**
     * @return the last names of the entries right below, sorted; nothing when there is no such entry
     * @throws WeftException.ManagerUnreachable if the store is away
     */
    List<String> children(String path);

    /**
     * @return how many entries are right below; 0 when there is no such entry
     * @throws WeftException.ManagerUnreachable if the store is away
     */
    int count(String path);

    /**
     * Makes all changes or none of them.
     *
     * @throws StoreConflict                    if one of them meets something else than it expects; nothing has changed
     * @throws WeftException.ManagerUnreachable if the store is away; when the connection broke while the answer was on its
     *                                          way, the changes may have been made
     * @throws WeftException.ManagerRequired    if the store does not let this client write
     */
    void commit(List<Change> changes);

    /** The same as {@link #commit(List)}. */
    default void commit(Change... changes) {
        commit(List.of(changes));
    }

    /** Whether the entry is there, ephemeral, and of this client's present session. */
    boolean holds(String path);

    /**
     * Keeps a copy of the entry and all below it, and goes on doing so over lost connections and sessions. Returns when the
     * first copy is whole, however long that takes while it goes on.
     *
     * @param listener told of each entry of the first copy, and then of each one that changed, after the copy did; on the store's own
     *                 thread, one call at a time
     * @throws WeftException.ManagerUnreachable if the store is away
     */
    Subtree watch(String path, EntryListener listener);

    /** The same for those who look at the whole copy after each change. @param onChange must not block */
    default Subtree watch(String path, Runnable onChange) {
        return watch(path, (changed, data) -> onChange.run());
    }

    /** @param listener called on the store's own thread at each change; must not block */
    void onConnection(Consumer<Connection> listener);

    /** Ends the session: its ephemeral entries go at once. Idempotent. */
    @Override
    void close();

    /** Hears of the entries of a watched subtree. */
    interface EntryListener {

        /** Must not block. @param data what the entry has now; null when it is gone */
        void changed(String path, byte[] data);
    }

    /** How the client stands with the store. */
    enum Connection {
        CONNECTED,
        /** No answer at the moment; the session may survive. */
        SUSPENDED,
        /** The session is over and its ephemeral entries are gone or will be; a new one begins with {@link #CONNECTED}. */
        LOST
    }

    /**
     * One entry as read.
     *
     * @param version 0 when created; one more with each {@link Change.Replace}
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Entry(byte[] data, int version) {
    }
}
