package dev.weft.api.path;

import dev.weft.api.MacAddress;
import java.util.List;

/**
 * One network as a node must make it.
 *
 * @param mtu        of the endpoints' interfaces, in bytes
 * @param gatewayMac the MAC of the gateway and of every VIP, the same on all nodes and never seen as a destination on the
 *                   underlay (an anycast address that each node answers for itself)
 */
public record NetworkState(String name, int vni, int mtu, MacAddress gatewayMac, List<SubnetState> subnets,
                           List<LocalEndpoint> locals, List<RemoteEndpoint> remotes, List<ServiceState> services) {

    public NetworkState {
        subnets = List.copyOf(subnets);
        locals = List.copyOf(locals);
        remotes = List.copyOf(remotes);
        services = List.copyOf(services);
    }

    /** 02:57:45 (locally administered, "WE") and the VNI: the same on every node without asking anyone. */
    public static MacAddress gatewayMacOf(int vni) {
        return new MacAddress(0x0257_4500_0000L | vni);
    }
}
