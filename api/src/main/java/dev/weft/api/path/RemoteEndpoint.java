package dev.weft.api.path;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;

/** An endpoint behind another VTEP. */
public record RemoteEndpoint(EndpointId id, MacAddress mac, List<InetAddress> addresses, InetAddress vtep) implements Member {

    public RemoteEndpoint {
        addresses = List.copyOf(addresses);
    }
}
