package dev.weft.api.path;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;

/** An endpoint of a network as a node sees it: its own, or one behind another VTEP. Immutable. */
public sealed interface Member extends Named permits LocalEndpoint, RemoteEndpoint {

    EndpointId id();

    @Override
    default String name() {
        return id().name();
    }

    MacAddress mac();

    /** One a subnet, at most. */
    List<InetAddress> addresses();
}
