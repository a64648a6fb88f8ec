package dev.weft.mesh;

import dev.weft.api.Service;
import dev.weft.api.ServiceInfo;
import dev.weft.api.ServiceUpdate;
import dev.weft.mesh.model.ServiceRecord;

/** A handle on a service of the cluster. */
final class WeftService implements Service {

    private final WeftNetwork network;
    private volatile ServiceRecord record;

    WeftService(WeftNetwork network, ServiceRecord record) {
        this.network = network;
        this.record = record;
    }

    @Override
    public ServiceInfo info() {
        return network.current(record).info(network.servingNames());
    }

    @Override
    public ServiceInfo update(ServiceUpdate change) {
        ServiceRecord updated = network.update(record, change);
        record = updated;
        return updated.info(network.servingNames());
    }

    @Override
    public void close() {
        network.remove(record);
    }
}
