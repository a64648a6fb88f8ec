package dev.weft.mesh.model;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointInfo;
import dev.weft.api.MacAddress;
import dev.weft.api.path.Named;
import java.net.InetAddress;
import java.util.List;

/**
 * An endpoint. Never changes while it exists.
 *
 * @param node id of the node that carries it or, when it is external, that told of it
 */
public record EndpointRecord(String network, String name, String node, MacAddress mac, List<InetAddress> addresses,
                             List<String> aliases, Attachment attachment) implements Named {

    public EndpointRecord {
        addresses = List.copyOf(addresses);
        aliases = List.copyOf(aliases);
    }

    public boolean isExternal() {
        return attachment instanceof Attachment.External;
    }

    /** @param teller the record of the node that {@link #node} names */
    public EndpointInfo info(NodeRecord teller) {
        InetAddress vtep = attachment instanceof Attachment.External external ? external.vtep() : teller.vtep();
        return new EndpointInfo(network, name, teller.name(), mac, addresses, aliases, vtep, attachment);
    }
}
