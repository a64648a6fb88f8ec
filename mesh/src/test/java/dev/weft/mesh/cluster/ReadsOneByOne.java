package dev.weft.mesh.cluster;

import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.DelegatingStore;
import java.util.List;

/** A store that is too large for anybody to list what is in it. */
final class ReadsOneByOne extends DelegatingStore {

    ReadsOneByOne(ClusterStore store) {
        super(store);
    }

    @Override
    public List<String> children(String path) {
        throw new AssertionError("nobody should read all that is below " + path);
    }
}
