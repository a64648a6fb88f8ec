package dev.weft.mesh.model;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointInfo;
import dev.weft.api.HealthCheck;
import dev.weft.api.HealthStatus;
import dev.weft.api.MacAddress;
import dev.weft.api.Publication;
import dev.weft.api.path.Named;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An endpoint. Only its health changes while it exists; its own node writes that.
 *
 * @param node  id of the node that carries it or, when it is external, that told of it
 * @param check how its node finds out about its health, if that outlives the process
 * @param publication its own ports that answer at the nodes, without any service
 * @param labels what policies may know it by
 */
public record EndpointRecord(String network, String name, String node, MacAddress mac, List<InetAddress> addresses,
                             List<String> aliases, Attachment attachment, HealthStatus health, Optional<HealthCheck> check,
                             Publication publication, Map<String, String> labels) implements Named {

    public EndpointRecord {
        addresses = List.copyOf(addresses);
        aliases = List.copyOf(aliases);
        labels = Map.copyOf(labels);
    }

    /** Nobody looks after its health, and it publishes nothing. */
    public EndpointRecord(String network, String name, String node, MacAddress mac, List<InetAddress> addresses, List<String> aliases,
                          Attachment attachment) {
        this(network, name, node, mac, addresses, aliases, attachment, HealthStatus.NONE, Optional.empty(), Publication.NONE, Map.of());
    }

    public EndpointRecord withHealth(HealthStatus other) {
        return new EndpointRecord(network, name, node, mac, addresses, aliases, attachment, other, check, publication, labels);
    }

    /** Whether two records are of one endpoint, however it fares. */
    public boolean isSame(EndpointRecord other) {
        return equals(other.withHealth(health));
    }

    public boolean isExternal() {
        return attachment instanceof Attachment.External;
    }

    /** @param teller the record of the node that {@link #node} names */
    public EndpointInfo info(NodeRecord teller) {
        InetAddress vtep = attachment instanceof Attachment.External external ? external.vtep() : teller.vtep();
        return new EndpointInfo(network, name, teller.name(), mac, addresses, aliases, vtep, attachment, health, publication);
    }
}
