package dev.weft.mesh;

import dev.weft.api.EndpointSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.Publication;
import dev.weft.api.WeftException;
import dev.weft.mesh.cluster.EndpointRegistry;
import dev.weft.mesh.cluster.PublishingEndpoints;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.state.ClusterWatch;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Makes and removes the records of this node's endpoints: those that publish ports, while it is a worker, by a manager. Thread-safe. */
final class OwnRecords {

    private final NodeRecord node;
    private final EndpointRegistry endpoints;
    private final ClusterWatch watch;
    private final Optional<PublishingEndpoints> managers;

    OwnRecords(NodeRecord node, EndpointRegistry endpoints, ClusterWatch watch, Optional<PublishingEndpoints> managers) {
        this.node = node;
        this.endpoints = endpoints;
        this.watch = watch;
        this.managers = managers;
    }

    /** Throws what {@link EndpointRegistry#create} does. @param isNew whether nobody else at this node has an endpoint of that name in hand */
    EndpointRecord create(NetworkRecord network, EndpointSpec spec, BooleanSupplier isNew) {
        if (isOurs(spec.publication())) {
            return endpoints.create(network, spec, node);
        }
        try {
            return managers.get().create(network, spec);
        } catch (WeftException.ManagerUnreachable | WeftException.NameTaken e) {
            // an answer was lost, now or when this was tried before, and what a manager made is there
            return endpoints.find(network.name(), spec.name()).filter(made -> isFor(made, spec) && isNew.getAsBoolean()).orElseThrow(() -> e);
        }
    }

    private boolean isFor(EndpointRecord made, EndpointSpec spec) {
        return made.node().equals(node.id()) && made.attachment().equals(spec.attachment()) && made.addresses().containsAll(spec.addresses())
                && spec.mac().filter(mac -> !mac.equals(made.mac())).isEmpty() && made.aliases().equals(spec.aliases())
                && made.check().equals(EndpointRegistry.written(spec.check())) && made.publication().equals(spec.publication())
                && made.labels().equals(spec.labels());
    }

    /**
     * Takes out what has been made of an endpoint that was not attached after all.
     *
     * @param isNew whether nobody else at this node has an endpoint of that name in hand
     * @param why   it was not; hears of what this throws
     */
    void takeOut(NetworkRecord network, EndpointSpec spec, BooleanSupplier isNew, WeftException why) {
        try {
            endpoints.find(network.name(), spec.name()).filter(made -> isFor(made, spec) && isNew.getAsBoolean()).ifPresent(this::remove);
        } catch (WeftException e) {
            why.addSuppressed(e);
        }
    }

    /** Does nothing when it is gone already. */
    void remove(EndpointRecord endpoint) {
        if (isOurs(endpoint.publication())) {
            endpoints.remove(endpoint);
        } else {
            managers.get().remove(endpoint);
        }
    }

    /** Whether a manager has to remove it. */
    boolean isManagers(EndpointRecord endpoint) {
        return !isOurs(endpoint.publication());
    }

    /** Whether this node writes it by itself: what publishes ports is written by managers, which a node is as managers say by now. */
    private boolean isOurs(Publication publication) {
        return publication.isNone() || managers.isEmpty()
                || Optional.ofNullable(watch.view().nodes().get(node.id())).orElse(node).role() == NodeRole.MANAGER;
    }
}
