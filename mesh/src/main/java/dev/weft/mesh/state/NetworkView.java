package dev.weft.mesh.state;

import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.util.List;

/** A network and all that is in it, by name; endpoints of dead nodes too. */
public record NetworkView(NetworkRecord network, List<EndpointRecord> endpoints, List<ServiceRecord> services) {

    public NetworkView {
        endpoints = List.copyOf(endpoints);
        services = List.copyOf(services);
    }
}
