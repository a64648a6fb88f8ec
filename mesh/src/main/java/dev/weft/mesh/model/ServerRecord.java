package dev.weft.mesh.model;

import dev.weft.api.ControlPorts;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A manager's part in the cluster store.
 *
 * @param number of its server in ZooKeeper
 * @param node   id of the manager
 * @param wanted false when it is on its way out: demoted, leaving or removed; the record goes when the ensemble is without it
 */
public record ServerRecord(int number, String node, InetAddress advertise, ControlPorts ports, boolean wanted) {

    /** Where clients find the store. */
    public InetSocketAddress store() {
        return new InetSocketAddress(advertise, ports.store());
    }

    public ServerRecord unwanted() {
        return new ServerRecord(number, node, advertise, ports, false);
    }
}
