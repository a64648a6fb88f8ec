package dev.weft.api;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A network as the cluster knows it.
 *
 * @param gateways   one a subnet, in the same order
 * @param encryption what its packets between nodes are encrypted with; empty: they go in clear
 * @param internal   whether its endpoints in network namespaces have no way out by a node's gateway bridge
 * @param ingress    whether it carries what comes by published ports
 */
public record NetworkInfo(String name, int vni, int mtu, List<SubnetSpec> subnets, List<InetAddress> gateways, boolean attachable,
                          Optional<Cipher> encryption, boolean internal, boolean ingress) {

    public NetworkInfo {
        subnets = List.copyOf(subnets);
        gateways = List.copyOf(gateways);
    }
}
