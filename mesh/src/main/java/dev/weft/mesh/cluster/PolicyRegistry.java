package dev.weft.mesh.cluster;

import dev.weft.api.PolicyRule;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import dev.weft.mesh.store.StoreConflict;
import java.util.ArrayList;
import java.util.List;

/** The rules of all networks. Thread-safe. */
public final class PolicyRegistry {

    private final ClusterStore store;

    public PolicyRegistry(ClusterStore store) {
        this.store = store;
    }

    /**
     * @throws WeftException.NameTaken    if the network has a rule of that name
     * @throws WeftException.UpdateNeeded if a member would not keep to it
     * @throws WeftException.NotFound     if the network is gone
     */
    public PolicyRecord create(NetworkRecord handle, PolicyRule rule) {
        return Retry.whileConflicting("add rule '" + rule.name() + "'", () -> {
            CurrentNetwork current = CurrentNetwork.of(store, handle);
            PolicyRecord record = new PolicyRecord(handle.name(), rule);
            NetworkRegistry.requireFormat(store, record, "rule '" + rule.name() + "'");
            if (store.read(path(record)).isPresent()) {
                throw new WeftException.NameTaken("network '" + handle.name() + "' has a rule '" + rule.name() + "' already; take another name, or "
                        + "remove it first");
            }
            List<Change> changes = new ArrayList<>(current.unchanged());
            if (store.read(Layout.policies(handle.name())).isEmpty()) {
                changes.add(Layout.directory(Layout.policies(handle.name())));
            }
            changes.add(new Change.Create(path(record), RecordCodec.encode(record)));
            store.commit(changes);
            return record;
        });
    }

    /** @throws WeftException.NotFound if there is none of that name */
    public void remove(NetworkRecord network, String name) {
        try {
            store.commit(new Change.Delete(Layout.policies(network.name()) + "/" + name));
        } catch (StoreConflict e) {
            throw new WeftException.NotFound("network '" + network.name() + "' has no rule '" + name + "'; see: policy ls");
        }
    }

    /** In the order in which they decide. */
    public List<PolicyRecord> of(NetworkRecord network) {
        return store.children(Layout.policies(network.name())).stream()
                .flatMap(name -> store.read(Layout.policies(network.name()) + "/" + name).stream())
                .map(entry -> RecordCodec.decode(entry.data(), PolicyRecord.class)).sorted(PolicyRecord.BY_DECISION).toList();
    }

    private static String path(PolicyRecord policy) {
        return Layout.policies(policy.network()) + "/" + policy.name();
    }
}
