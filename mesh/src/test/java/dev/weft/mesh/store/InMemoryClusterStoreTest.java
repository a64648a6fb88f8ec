package dev.weft.mesh.store;

import org.junit.jupiter.api.BeforeEach;

class InMemoryClusterStoreTest extends ClusterStoreContract {

    private final InMemoryCluster cluster = new InMemoryCluster();

    @BeforeEach
    void makeRoot() {
        client().commit(new Change.Create("/weft", new byte[0]));
    }

    @Override
    protected InMemoryClusterStore client() {
        return cluster.connect();
    }

    @Override
    protected void expire(ClusterStore client) {
        InMemoryClusterStore store = (InMemoryClusterStore) client;
        store.expire();
        store.resume();
    }
}
