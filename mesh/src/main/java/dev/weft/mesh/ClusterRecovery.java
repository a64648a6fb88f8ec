package dev.weft.mesh;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.backup.BackupFile;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.cluster.ServerRegistry;
import dev.weft.mesh.model.NodeRecord;
import java.nio.file.Path;

/** What is kept of a cluster for the worst case, and what becomes of the other managers when one of them begins anew. */
final class ClusterRecovery {

    private ClusterRecovery() {
    }

    /**
     * Writes the cluster's state, as it is at one moment not before the call, and this manager's identity to one file.
     *
     * @throws WeftException.ManagerRequired    if this node is a worker
     * @throws WeftException.NameTaken          if the file is there already
     * @throws WeftException.ManagerUnreachable if the store is away
     */
    static void backup(ClusterLink link, ServerRegistry servers, Path file) {
        StoreHost host = link.host().filter(here -> here.number().isPresent()).orElseThrow(() -> new WeftException.ManagerRequired("node '"
                + link.identity().name() + "' is a worker and does not have the cluster's state; make the backup at a manager"));
        ServerRegistry.Mark mark = servers.mark(host.number().getAsInt());
        try (var copy = link.directory().copyIdentity()) {
            host.snapshot(copy.store(), mark);
            BackupFile.write(file, copy.root());
        }
    }

    /** The only server that there is at the moment: the others shall not be waited for. They may come back, and stand by then. */
    static void forgetServers(Registries registries, String self) {
        registries.servers().all().stream().filter(server -> !server.node().equals(self))
                .forEach(server -> registries.servers().remove(server.number()));
    }

    /**
     * After a restore the other managers may be ahead of this one, in a history that is no more: they are no members, and have
     * to join anew. Workers go on.
     */
    static void forgetManagers(Registries registries, String self) {
        for (NodeRecord node : registries.membership().nodes()) {
            if (node.role() == NodeRole.MANAGER && !node.id().equals(self)) {
                registries.membership().forget(node.id(), node.name());
            }
        }
        forgetServers(registries, self);
    }
}
