package dev.weft.mesh.state;

import dev.weft.api.path.Members;
import dev.weft.api.path.Named;
import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.PolicyRecord;
import dev.weft.mesh.model.ServiceRecord;
import java.util.Optional;

/** One network, as the store tells of it entry by entry. Thread-safe. */
final class WatchedNetwork {

    private final String path;
    private final String endpointsBelow;
    private final String servicesBelow;
    private final String policiesBelow;
    private Optional<NetworkRecord> record = Optional.empty();
    private Members<EndpointRecord> endpoints = Members.none();
    private Members<ServiceRecord> services = Members.none();
    private Members<PolicyRecord> policies = Members.none();
    private Optional<NetworkView> view = Optional.empty();

    WatchedNetwork(String name) {
        path = Layout.network(name);
        endpointsBelow = Layout.endpoints(name) + "/";
        servicesBelow = Layout.services(name) + "/";
        policiesBelow = Layout.policies(name) + "/";
    }

    /** @param data null when the entry is gone */
    synchronized void changed(String entry, byte[] data) {
        if (entry.startsWith(endpointsBelow)) {
            endpoints = with(endpoints, entry, data, EndpointRecord.class);
        } else if (entry.startsWith(servicesBelow)) {
            services = with(services, entry, data, ServiceRecord.class);
        } else if (entry.startsWith(policiesBelow)) {
            policies = with(policies, entry, data, PolicyRecord.class);
        } else if (entry.equals(path)) {
            record = RecordEntry.read(entry, data, NetworkRecord.class);
        } else {
            return;
        }
        view = record.map(network -> new NetworkView(network, endpoints, services, policies));
    }

    private static <E extends Record & Named> Members<E> with(Members<E> members, String entry, byte[] data, Class<E> type) {
        String name = RecordEntry.lastPart(entry);
        return RecordEntry.read(entry, data, type).filter(record -> record.name().equals(name)).map(members::with)
                .orElseGet(() -> members.without(name));
    }

    /** The network with all that is known of it; nothing while there is no such network. The same object while nothing changes. */
    synchronized Optional<NetworkView> view() {
        return view;
    }
}
