package dev.weft.mesh.state;

import dev.weft.api.path.Members;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.util.List;

/** A network and all that is in it, by name; endpoints of dead nodes too. */
public record NetworkView(NetworkRecord network, Members<EndpointRecord> endpoints, Members<ServiceRecord> services,
                          Members<PolicyRecord> policies) {

    public NetworkView(NetworkRecord network, List<EndpointRecord> endpoints, List<ServiceRecord> services) {
        this(network, Members.of(endpoints), Members.of(services), Members.none());
    }
}
