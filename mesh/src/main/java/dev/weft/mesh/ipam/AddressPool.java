package dev.weft.mesh.ipam;

import dev.weft.api.Cidr;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/** The host addresses of one subnet. Pure. */
public record AddressPool(SubnetRecord subnet) {

    /** The lowest address of the range that may be given and is not taken. */
    public Optional<InetAddress> firstFree(Set<InetAddress> taken) {
        InetAddress last = subnet.ipRange().last();
        InetAddress candidate = subnet.ipRange().network();
        while (true) {
            if (reservedAs(candidate).isEmpty() && !taken.contains(candidate)) {
                return Optional.of(candidate);
            }
            if (candidate.equals(last)) {
                return Optional.empty();
            }
            candidate = Addresses.next(candidate);
        }
    }

    /** What an address of the subnet is needed for, when no endpoint can have it. */
    public Optional<String> reservedAs(InetAddress address) {
        Cidr cidr = subnet.cidr();
        if (address.equals(subnet.gateway())) {
            return Optional.of("the gateway");
        }
        if (address.equals(cidr.network())) {
            // RFC 1122, 3.2.1.3 and RFC 4291, 2.6.1
            return Optional.of(cidr.isIpv4() ? "the network itself" : "the subnet-router anycast address");
        }
        return cidr.isIpv4() && address.equals(cidr.last()) ? Optional.of("the broadcast address") : Optional.empty();
    }
}
