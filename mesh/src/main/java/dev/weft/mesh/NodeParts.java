package dev.weft.mesh;

import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.dns.NodeNames;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.path.DataPathChoice;

/** What a running node is made of, in the order in which it was made. */
record NodeParts(ClusterLink link, DataPathChoice choice, ControlPlane plane) {

    NodeRecord record() {
        return plane.record();
    }

    Registries registries() {
        return plane.registries();
    }

    LocalEndpoints endpoints() {
        return plane.endpoints();
    }

    SessionKeeper keeper() {
        return plane.keeper();
    }

    NodeNames names() {
        return plane.names();
    }

    /** Takes the data path down, and the rest even if that fails. */
    void stop(Runnable closeLink) {
        try {
            plane.stop();
            choice.path().close();
        } finally {
            closeLink.run();
        }
    }
}
