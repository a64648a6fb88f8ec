package dev.weft.api;

import java.net.InetAddress;
import java.util.Optional;

/**
 * One subnet of a network.
 *
 * @param cidr    the subnet; an IPv4 one has at most 30 prefix bits, an IPv6 one at most 126
 * @param gateway the subnet's gateway, inside {@code cidr}; empty: the first host address
 * @param ipRange the part of {@code cidr} that addresses are drawn from; empty: all of it
 */
public record SubnetSpec(Cidr cidr, Optional<InetAddress> gateway, Optional<Cidr> ipRange) {

    public SubnetSpec {
        int longest = cidr.isIpv4() ? 30 : 126;
        if (cidr.prefixLength() > longest) {
            throw new WeftException.InvalidSpec("subnet " + cidr + " has no room for endpoints; the longest prefix is /" + longest);
        }
        if (cidr.network().isMulticastAddress() || cidr.network().isLoopbackAddress() || cidr.network().isLinkLocalAddress()) {
            throw new WeftException.InvalidSpec("subnet " + cidr + " is not a unicast range that a network can use; "
                    + "take one such as 10.0.1.0/24 or fd00:1::/64");
        }
        gateway.ifPresent(address -> {
            if (!cidr.contains(address) || address.equals(cidr.network()) || cidr.isIpv4() && address.equals(cidr.last())) {
                throw new WeftException.InvalidSpec("gateway " + address.getHostAddress() + " is not a host address of subnet " + cidr);
            }
        });
        ipRange.ifPresent(range -> {
            if (!cidr.contains(range)) {
                throw new WeftException.InvalidSpec("IP range " + range + " is not inside subnet " + cidr);
            }
        });
    }

    /** A subnet whose gateway is its first host address and whose range is all of it. */
    public static SubnetSpec of(String cidr) {
        return new SubnetSpec(Cidr.parse(cidr), Optional.empty(), Optional.empty());
    }
}
