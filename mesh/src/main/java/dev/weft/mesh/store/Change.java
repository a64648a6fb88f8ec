package dev.weft.mesh.store;

/** One change of a {@link ClusterStore}; several are committed together. */
public sealed interface Change {

    /** Matches every version of an entry. */
    int ANY_VERSION = -1;

    String path();

    /** Fails with {@link StoreConflict.Kind#EXISTS}, or {@link StoreConflict.Kind#MISSING} when there is no parent. */
    record Create(String path, byte[] data) implements Change {
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
