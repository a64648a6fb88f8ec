package dev.weft.mesh.store;

import java.util.Optional;

/** One change of a {@link ClusterStore}; several are committed together. */
public sealed interface Change {

    /** Matches every version of an entry. */
    int ANY_VERSION = -1;

    String path();

    /**
     * Fails with {@link StoreConflict.Kind#EXISTS}, or {@link StoreConflict.Kind#MISSING} when there is no parent.
     *
     * @param node id of the one that an entry is for, which a manager makes in its stead; empty: it is the committing node's own
     */
    record Create(String path, byte[] data, Optional<String> node) implements Change {
        public Create(String path, byte[] data) {
            this(path, data, Optional.empty());
        }

        public Create ownedBy(String owner) {
            return new Create(path, data, Optional.of(owner));
        }
    }

    /** An entry that goes with the client's session. Fails as {@link Create} does. */
    record CreateEphemeral(String path, byte[] data) implements Change {
    }

    /** Compare and set. Fails with {@link StoreConflict.Kind#MISSING} or {@link StoreConflict.Kind#STALE}. */
    record Replace(String path, byte[] data, int version) implements Change {
    }

    /** Fails with MISSING, STALE or {@link StoreConflict.Kind#NOT_EMPTY}. */
    record Delete(String path, int version) implements Change {
        public Delete(String path) {
            this(path, ANY_VERSION);
        }
    }

    /** Changes nothing; fails with MISSING or STALE. */
    record Check(String path, int version) implements Change {
    }
}
