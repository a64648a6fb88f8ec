package dev.weft.mesh;

import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.gateway.NameService;
import dev.weft.mesh.keys.KeyDaemon;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;
import java.util.Optional;

/** What a running node is made of, in the order in which it was made. */
record NodeParts(ClusterLink link, DataPathChoice choice, ControlPlane plane, Optional<ManagerSeat> seat,
                 Optional<KeyDaemon> keyDaemon) {

    NodeRecord record() {
        return plane.record();
    }

    Registries registries() {
        return plane.registries();
    }

    LocalEndpoints endpoints() {
        return plane.endpoints();
    }

    /** @throws UnsupportedOperationException if the store has no ensemble: the one in memory */
    Managers managers() {
        return link.ensemble().map(control -> new Managers(plane.registries(), control))
                .orElseThrow(() -> new UnsupportedOperationException("this store has no ensemble"));
    }

    SessionKeeper keeper() {
        return plane.keeper();
    }

    NameService names() {
        return plane.names();
    }

    /** Takes the data path down, and the rest even if that fails. */
    void stop(Runnable closeLink) {
        Ending.inTurn(() -> keyDaemon.ifPresent(KeyDaemon::close), () -> seat.ifPresent(ManagerSeat::close), plane::stop, choice.path()::close,
                closeLink);
    }
}
