package dev.weft.mesh.store;

import java.util.SortedMap;

/** A watched copy of a part of the store. While the store is away it keeps what it knew last. Thread-safe. */
public interface Subtree extends AutoCloseable {

    /** All entries by their full path, the root of the subtree among them. Each entry is whole; they may be of different moments. */
    SortedMap<String, byte[]> snapshot();

    /** Stops watching. Idempotent. */
    @Override
    void close();
}
