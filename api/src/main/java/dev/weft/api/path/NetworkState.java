package dev.weft.api.path;

import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.MacAddress;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/**
 * One network as a node must make it.
 *
 * @param mtu        of the endpoints' interfaces, in bytes
 * @param gatewayMac the MAC of the gateway and of every VIP, the same on all nodes and never seen as a destination on the
 *                   underlay (an anycast address that each node answers for itself)
 * @param encryption what its packets between nodes are encrypted with; none: they go in clear
 * @param policies   which flows between endpoints are let through, in the order in which they decide; what none is about is let through
 */
public record NetworkState(String name, int vni, int mtu, MacAddress gatewayMac, List<SubnetState> subnets,
                           Members<LocalEndpoint> locals, Members<RemoteEndpoint> remotes, List<ServiceState> services,
                           Optional<Cipher> encryption, List<PolicyState> policies) {

    public NetworkState {
        subnets = List.copyOf(subnets);
        services = List.copyOf(services);
        policies = List.copyOf(policies);
    }

    /** Every flow is allowed. */
    public NetworkState(String name, int vni, int mtu, MacAddress gatewayMac, List<SubnetState> subnets, Members<LocalEndpoint> locals,
                        Members<RemoteEndpoint> remotes, List<ServiceState> services, Optional<Cipher> encryption) {
        this(name, vni, mtu, gatewayMac, subnets, locals, remotes, services, encryption, List.of());
    }

    public NetworkState(String name, int vni, int mtu, MacAddress gatewayMac, List<SubnetState> subnets, List<LocalEndpoint> locals,
                        List<RemoteEndpoint> remotes, List<ServiceState> services, Optional<Cipher> encryption) {
        this(name, vni, mtu, gatewayMac, subnets, Members.of(locals), Members.of(remotes), services, encryption);
    }

    /** A network in clear. */
    public NetworkState(String name, int vni, int mtu, MacAddress gatewayMac, List<SubnetState> subnets, List<LocalEndpoint> locals,
                        List<RemoteEndpoint> remotes, List<ServiceState> services) {
        this(name, vni, mtu, gatewayMac, subnets, locals, remotes, services, Optional.empty());
    }

    public NetworkState withPolicies(List<PolicyState> other) {
        return new NetworkState(name, vni, mtu, gatewayMac, subnets, locals, remotes, services, encryption, other);
    }

    /**
     * What an endpoint reaches on the link beside the subnets that its addresses are in: the subnets by which the network has grown,
     * and, for one that has its address there, those from before.
     */
    public List<Cidr> furtherOnLink(LocalEndpoint endpoint) {
        return subnets.stream().map(SubnetState::cidr).filter(cidr -> endpoint.addresses().stream().noneMatch(cidr::contains)
                && endpoint.addresses().stream().anyMatch(address -> address instanceof Inet4Address == cidr.isIpv4())).toList();
    }

    /** 02:57:45 (locally administered, "WE") and the VNI: the same on every node without asking anyone. */
    public static MacAddress gatewayMacOf(int vni) {
        return new MacAddress(0x0257_4500_0000L | vni);
    }
}
