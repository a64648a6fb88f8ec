package dev.weft.mesh.dns;

import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names of all networks that a node is part of, as new as its view of the cluster: nothing of them is ever cached. Thread-safe.
 */
public final class NodeNames {

    /** Made when somebody asks for the first time after a change: most changes come while nobody does. */
    private static final class Lazy {
        private final ClusterView view;
        private final NetworkView part;
        private final String self;
        private NetworkNames made;

        Lazy(ClusterView view, NetworkView part, String self) {
            this.view = view;
            this.part = part;
            this.self = self;
        }

        synchronized NetworkNames get() {
            if (made == null) {
                made = NetworkNames.of(part.network(), view.present(part, self), view::serves, part.services());
            }
            return made;
        }
    }

    private final String self;
    private final Rotation rotation = new Rotation();
    private volatile Map<Integer, Lazy> networks = Map.of();
    private volatile List<String> suffixes = List.of();
    private volatile Set<InetAddress> gateways = Set.of();

    /** @param self id of this node */
    public NodeNames(String self) {
        this.self = self;
    }

    /** From now on names are those of this view. */
    public void adopt(ClusterView view) {
        Map<Integer, Lazy> next = new HashMap<>();
        view.networks().forEach(part -> next.put(part.network().vni(), new Lazy(view, part, self)));
        networks = next;
        suffixes = view.networks().stream().map(part -> "." + part.network().name().toLowerCase(Locale.ROOT)).toList();
        gateways = view.networks().stream().flatMap(part -> part.network().subnets().stream()).map(SubnetRecord::gateway).collect(Collectors.toSet());
    }

    /** Those of one network; none while the node is not part of it. */
    public Optional<NetworkNames> of(int vni) {
        return Optional.ofNullable(networks.get(vni)).map(Lazy::get);
    }

    /** True when the name ends in the name of any network that the node is part of. */
    boolean isOverlay(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return suffixes.stream().anyMatch(lower::endsWith);
    }

    /** True for the gateway addresses of the node's networks. */
    boolean isGateway(InetAddress address) {
        return gateways.contains(address);
    }

    /** IPv4 addresses before IPv6 ones, each family in an order that rotates; empty when there is no such name. */
    public List<InetAddress> resolve(int vni, NetworkNames names, String name) {
        List<InetAddress> all = names.addresses(name).orElse(List.of());
        return Stream.of(true, false).flatMap(ipv4 -> rotated(vni, name, all, ipv4).stream()).toList();
    }

    /** The addresses of one family, in an order that rotates with each call for that name. */
    List<InetAddress> rotated(int vni, String name, List<InetAddress> addresses, boolean ipv4) {
        return rotation.rotated(name + "@" + vni, addresses.stream().filter(address -> address instanceof Inet4Address == ipv4).toList());
    }
}
