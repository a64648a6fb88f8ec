package dev.weft.mesh.cluster;

import dev.weft.api.WeftException;
import dev.weft.mesh.ipam.AddressPool;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Addresses for one member of a network, in the order of its subnets: those that it wants, and free ones for the rest. Pure.
 *
 * @param who the member, for messages: {@code endpoint 'web1'}
 */
record AddressChoice(NetworkRecord network, String who, List<InetAddress> wanted) {

    /**
     * @param taken what is taken at the moment
     * @param fill  whether subnets without a wanted address get a free one
     */
    List<InetAddress> choose(Set<InetAddress> taken, boolean fill) {
        wanted.forEach(this::checkInSomeSubnet);
        List<InetAddress> chosen = new ArrayList<>();
        for (SubnetRecord subnet : network.subnets()) {
            List<InetAddress> here = wanted.stream().filter(subnet.cidr()::contains).toList();
            if (here.size() > 1) {
                throw new WeftException.InvalidSpec(who + " wants " + texts(here) + " in subnet " + subnet.cidr() + "; take one a subnet");
            }
            if (here.size() == 1) {
                chosen.add(checked(here.getFirst(), subnet, taken));
            } else if (fill) {
                chosen.add(free(subnet, taken));
            }
        }
        return chosen;
    }

    private void checkInSomeSubnet(InetAddress address) {
        if (network.subnets().stream().noneMatch(subnet -> subnet.cidr().contains(address))) {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who
                    + " is outside the subnets of network '" + network.name() + "': " + network.subnets().stream().map(SubnetRecord::cidr).toList() + "; take one inside");
        }
    }

    private InetAddress checked(InetAddress address, SubnetRecord subnet, Set<InetAddress> taken) {
        new AddressPool(subnet).reservedAs(address).ifPresent(use -> {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who + " is " + use + " of subnet "
                    + subnet.cidr() + "; take another");
        });
        if (taken.contains(address)) {
            throw new WeftException.AddressUnavailable("address " + address.getHostAddress() + " for " + who + " is taken in network '"
                    + network.name() + "'; take another, or let the cluster choose");
        }
        return address;
    }

    private InetAddress free(SubnetRecord subnet, Set<InetAddress> taken) {
        return new AddressPool(subnet).firstFree(taken).orElseThrow(() -> new WeftException.AddressUnavailable("no address is free for "
                + who + " in " + subnet.ipRange() + " of network '" + network.name() + "'; detach an endpoint, or make a larger network"));
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }
}
