package dev.weft.mesh.model;

import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeInfo;
import dev.weft.api.NodeRole;
import java.net.InetAddress;

/**
 * A node, live or not.
 *
 * @param ports      at the advertise address
 * @param hostsStore whether the cluster store runs in it
 */
public record NodeRecord(String id, String name, NodeRole role, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                         ControlPorts ports, boolean hostsStore) {

    public NodeInfo info(boolean live) {
        return new NodeInfo(id, name, role, advertise, vtep, dataPath, live);
    }
}
