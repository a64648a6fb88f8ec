package dev.weft.api;

import java.net.InetAddress;
import java.util.List;

/**
 * An endpoint as the cluster knows it.
 *
 * @param node the node it is attached at; for an external endpoint the node that told of it
 * @param vtep where its frames go to
 * @param health as its node has told the cluster
 * @param publication its ports that answer at the nodes
 */
public record EndpointInfo(String network, String name, String node, MacAddress mac, List<InetAddress> addresses,
                           List<String> aliases, InetAddress vtep, Attachment attachment, HealthStatus health,
                           Publication publication) {

    public EndpointInfo {
        addresses = List.copyOf(addresses);
        aliases = List.copyOf(aliases);
    }

    public EndpointInfo withHealth(HealthStatus other) {
        return new EndpointInfo(network, name, node, mac, addresses, aliases, vtep, attachment, other, publication);
    }
}
