package dev.weft.api;

import java.net.InetAddress;
import java.util.List;

/**
 * A service as the cluster knows it.
 *
 * @param vips     its virtual addresses, one a subnet; none by DNS round robin
 * @param backends as the specification names them
 * @param serving  those of them that get new connections: attached at a live node that is not drained, and not unhealthy; or external
 * @param publication its ports that answer at the nodes
 */
public record ServiceInfo(String network, String name, EndpointMode mode, Balancing balancing,
                          List<InetAddress> vips, List<String> backends, List<String> serving, Publication publication) {

    public ServiceInfo {
        vips = List.copyOf(vips);
        backends = List.copyOf(backends);
        serving = List.copyOf(serving);
    }
}
