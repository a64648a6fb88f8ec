package dev.weft.api;

import java.net.InetAddress;
import java.util.List;

/**
 * A network as the cluster knows it.
 *
 * @param gateways one a subnet, in the same order
 */
public record NetworkInfo(String name, int vni, int mtu, List<SubnetSpec> subnets, List<InetAddress> gateways, boolean attachable) {

    public NetworkInfo {
        subnets = List.copyOf(subnets);
        gateways = List.copyOf(gateways);
    }
}
