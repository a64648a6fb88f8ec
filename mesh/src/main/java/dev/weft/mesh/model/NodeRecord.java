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
 * @param drained    whether it takes no new endpoints, and services choose none of those it has
 * @param espInUdp   ESP to and from it goes in UDP
 * @param stateFormat the latest format of records that it reads; see {@link StateFormat}
 */
public record NodeRecord(String id, String name, NodeRole role, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                         ControlPorts ports, boolean drained, boolean espInUdp, int stateFormat) {

    /** A node of this version. */
    public NodeRecord(String id, String name, NodeRole role, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                      ControlPorts ports, boolean drained, boolean espInUdp) {
        this(id, name, role, advertise, vtep, dataPath, ports, drained, espInUdp, StateFormat.LATEST);
    }

    /** With plain ESP, where its data path can do that. */
    public NodeRecord(String id, String name, NodeRole role, InetAddress advertise, InetAddress vtep, DataPathKind dataPath,
                      ControlPorts ports, boolean drained) {
        this(id, name, role, advertise, vtep, dataPath, ports, drained, dataPath == DataPathKind.SOCKET);
    }

    public NodeInfo info(boolean live) {
        return new NodeInfo(id, name, role, advertise, vtep, dataPath, live, drained);
    }

    public NodeRecord withName(String other) {
        return new NodeRecord(id, other, role, advertise, vtep, dataPath, ports, drained, espInUdp, stateFormat);
    }

    public NodeRecord withRole(NodeRole other) {
        return new NodeRecord(id, name, other, advertise, vtep, dataPath, ports, drained, espInUdp, stateFormat);
    }

    public NodeRecord withDrained(boolean other) {
        return new NodeRecord(id, name, role, advertise, vtep, dataPath, ports, other, espInUdp, stateFormat);
    }
}
