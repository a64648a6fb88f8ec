package dev.weft.api.path;

import dev.weft.api.Attachment;
import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * An endpoint that this node carries.
 *
 * @param attachment in-process, host interface or network namespace; never external
 * @param routes     whether it may send for others: IP packets from it have any source. Its MAC is its own all the same, and is the source
 *                   of all that others get from it
 */
public record LocalEndpoint(EndpointId id, MacAddress mac, List<InetAddress> addresses, Attachment attachment, boolean routes)
        implements Member {

    public LocalEndpoint {
        addresses = List.copyOf(addresses);
        if (attachment instanceof Attachment.External) {
            throw new IllegalArgumentException("an external endpoint is a remote one: " + id);
        }
    }

    /** One that sends from its own addresses only. */
    public LocalEndpoint(EndpointId id, MacAddress mac, List<InetAddress> addresses, Attachment attachment) {
        this(id, mac, addresses, attachment, false);
    }
}
