package dev.weft.api.path;

import dev.weft.api.Attachment;
import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * An endpoint that this node carries.
 *
 * @param attachment in-process, host interface or network namespace; never external
 */
public record LocalEndpoint(EndpointId id, MacAddress mac, List<InetAddress> addresses, Attachment attachment) implements Member {

    public LocalEndpoint {
        addresses = List.copyOf(addresses);
        if (attachment instanceof Attachment.External) {
            throw new IllegalArgumentException("an external endpoint is a remote one: " + id);
        }
    }
}
