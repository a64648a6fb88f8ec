package dev.weft.mesh;

import dev.weft.api.Service;
import dev.weft.api.ServiceInfo;
import dev.weft.mesh.model.ServiceRecord;

/** A handle on a service of the cluster. */
final class WeftService implements Service {

    private final WeftNetwork network;
    private final ServiceRecord record;

    WeftService(WeftNetwork network, ServiceRecord record) {
        this.network = network;
        this.record = record;
    }

    @Override
    public ServiceInfo info() {
        return record.info(network.servingNames());
    }

    @Override
    public void close() {
        network.remove(record);
    }
}
