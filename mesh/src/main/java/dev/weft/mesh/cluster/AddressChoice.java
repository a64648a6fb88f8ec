package dev.weft.mesh.cluster;

import dev.weft.api.WeftException;
import dev.weft.mesh.ipam.AddressPool;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Addresses for one member of a network: one from each of its pools, in their order. Those that it wants, and free ones for the
 * rest.
 *
 * @param who the member, for messages: {@code endpoint 'web1'}
 */
record AddressChoice(NetworkRecord network, String who, List<InetAddress> wanted) {

    /** @param fill whether pools without a wanted address give a free one */
    List<InetAddress> choose(FreeAddresses free, boolean fill) {
        wanted.forEach(this::checkInSomeSubnet);
        List<InetAddress> chosen = new ArrayList<>();
        for (List<SubnetRecord> pool : network.pools()) {
            List<InetAddress> here = wanted.stream().filter(address -> subnetOf(address, pool).isPresent()).toList();
            if (here.size() > 1) {
                throw new WeftException.InvalidSpec(who + " wants " + texts(here) + " in subnet " + cidrs(pool) + "; take one a subnet");
            }
            if (here.size() == 1) {
                chosen.add(checked(here.getFirst(), subnetOf(here.getFirst(), pool).orElseThrow(), free));
            } else if (fill) {
                chosen.add(pool.stream().flatMap(subnet -> free.in(new AddressPool(subnet)).stream()).findFirst()
                        .orElseThrow(() -> exhausted(pool)));
            }
        }
        return chosen;
    }

    private static Optional<SubnetRecord> subnetOf(InetAddress address, List<SubnetRecord> pool) {
        return pool.stream().filter(subnet -> subnet.cidr().contains(address)).findFirst();
    }

    private void checkInSomeSubnet(InetAddress address) {
        if (subnetOf(address, network.subnets()).isEmpty()) {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who
                    + " is outside the subnets of network '" + network.name() + "': " + cidrs(network.subnets()) + "; take one inside");
        }
    }

    private InetAddress checked(InetAddress address, SubnetRecord subnet, FreeAddresses free) {
        new AddressPool(subnet).reservedAs(address).ifPresent(use -> {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who + " is " + use + " of subnet "
                    + subnet.cidr() + "; take another");
        });
        if (free.isTaken(address)) {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who + " is taken in network '"
                    + network.name() + "'; take another, or let the cluster choose");
        }
        return address;
    }

    private WeftException exhausted(List<SubnetRecord> pool) {
        return new WeftException.PoolExhausted("no address is free for " + who + ": network '" + network.name() + "' gives addresses of "
                + pool.stream().map(SubnetRecord::ipRange).toList() + ", and all are taken or reserved; detach an endpoint, or let the network grow"
                + " (weft network grow " + network.name() + " --subnet CIDR)");
    }

    private static List<Object> cidrs(List<SubnetRecord> subnets) {
        return subnets.stream().<Object>map(SubnetRecord::cidr).toList();
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }
}
