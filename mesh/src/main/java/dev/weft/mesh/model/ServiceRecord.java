package dev.weft.mesh.model;

import dev.weft.api.Balancing;
import dev.weft.api.EndpointMode;
import dev.weft.api.Publication;
import dev.weft.api.ServiceInfo;
import dev.weft.api.ServiceSpec;
import dev.weft.api.path.Named;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A service.
 *
 * @param vips        one a subnet; none by DNS round robin
 * @param publication its ports that answer at the nodes. What they lead to is a service of the ingress network, made with this one
 */
public record ServiceRecord(String network, String name, EndpointMode mode, Balancing balancing, List<InetAddress> vips,
                            List<String> backends, Publication publication) implements Named {

    public ServiceRecord {
        vips = List.copyOf(vips);
        backends = List.copyOf(backends);
    }

    /** Without published ports. */
    public ServiceRecord(String network, String name, EndpointMode mode, Balancing balancing, List<InetAddress> vips, List<String> backends) {
        this(network, name, mode, balancing, vips, backends, Publication.NONE);
    }

    /** Whether that one is this service, whatever was changed about it: its VIPs stay its own for as long as its mode does. */
    public boolean isSame(ServiceRecord other) {
        return network.equals(other.network) && name.equals(other.name) && (vips.equals(other.vips) || mode != other.mode);
    }

    /** What it would be made from. */
    public ServiceSpec spec() {
        return new ServiceSpec(name, backends, mode, Optional.empty(), balancing, publication);
    }

    /** @param attached names of the network's endpoints at live nodes */
    public ServiceInfo info(Set<String> attached) {
        return new ServiceInfo(network, name, mode, balancing, vips, backends, backends.stream().filter(attached::contains).toList(),
                publication);
    }
}
