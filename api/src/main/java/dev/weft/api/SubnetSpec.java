package dev.weft.api;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One subnet of a network.
 *
 * @param cidr    the subnet; an IPv4 one has at most 30 prefix bits, an IPv6 one at most 126
 * @param gateway the subnet's gateway, inside {@code cidr}; empty: the first host address
 * @param ipRange the part of {@code cidr} that addresses are drawn from; empty: all of it
 * @param reserved addresses inside {@code cidr} that are never given, not even to who asks for one
 */
public record SubnetSpec(Cidr cidr, Optional<InetAddress> gateway, Optional<Cidr> ipRange, List<InetAddress> reserved) {

    static final int LONGEST_IPV4 = 30;
    static final int LONGEST_IPV6 = 126;
    /** This host, loopback, link-local and multicast (RFC 6890, RFC 4291). */
    private static final List<Cidr> NOT_FOR_NETWORKS = Stream.of("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::/127",
            "fe80::/10", "ff00::/8").map(Cidr::parse).toList();

    public SubnetSpec {
        reserved = List.copyOf(reserved);
        int longest = cidr.isIpv4() ? LONGEST_IPV4 : LONGEST_IPV6;
        if (cidr.prefixLength() > longest) {
            throw new WeftException.InvalidSpec("subnet " + cidr + " has no room for endpoints; the longest prefix is /" + longest);
        }
        checkUnicast(cidr);
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
        reserved.stream().filter(address -> !cidr.contains(address)).findFirst().ifPresent(address -> {
            throw new WeftException.InvalidSpec("reserved address " + address.getHostAddress() + " is not inside subnet " + cidr);
        });
    }

    /** Without reserved addresses. */
    public SubnetSpec(Cidr cidr, Optional<InetAddress> gateway, Optional<Cidr> ipRange) {
        this(cidr, gateway, ipRange, List.of());
    }

    static void checkUnicast(Cidr cidr) {
        NOT_FOR_NETWORKS.stream().filter(cidr::overlaps).findFirst().ifPresent(range -> {
            throw new WeftException.InvalidSpec("subnet " + cidr + " is not a unicast range that a network can use: it overlaps " + range
                    + "; take one such as 10.0.1.0/24 or fd00:1::/64");
        });
    }

    /** A subnet whose gateway is its first host address and whose range is all of it. */
    public static SubnetSpec of(String cidr) {
        return new SubnetSpec(Cidr.parse(cidr), Optional.empty(), Optional.empty());
    }
}
