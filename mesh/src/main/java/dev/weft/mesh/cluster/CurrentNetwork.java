package dev.weft.mesh.cluster;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.util.List;

/** A network as it is when somebody claims something in it, and not as it was when he got his handle on it. */
record CurrentNetwork(NetworkRecord record, ClusterStore.Entry entry) {

    /** @throws WeftException.NotFound if the network is gone, even if another one has its name now */
    static CurrentNetwork of(ClusterStore store, NetworkRecord handle) {
        return store.read(Layout.network(handle.name()))
                .map(entry -> new CurrentNetwork(RecordCodec.decode(entry.data(), NetworkRecord.class), entry))
                .filter(current -> current.record.vni() == handle.vni())
                .orElseThrow(() -> NetworkRegistry.notFound(handle.name()));
    }

    /** Makes a transaction fail that meets another network than this, or this one changed. */
    List<Change> unchanged() {
        return List.of(new Change.Check(Layout.vni(record.vni()), Change.ANY_VERSION),
                new Change.Check(Layout.network(record.name()), entry.version()));
    }

    Change replacedBy(NetworkRecord after) {
        return new Change.Replace(Layout.network(record.name()), RecordCodec.encode(after, entry.data()), entry.version());
    }
}
