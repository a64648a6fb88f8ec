package dev.weft.mesh.ipam;

import dev.weft.api.Cidr;
import dev.weft.mesh.model.SubnetRecord;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The host addresses of one subnet. Pure. */
public record AddressPool(SubnetRecord subnet) {

    /** A range of an IPv6 subnet counts as this large at most: nobody comes to its end. */
    private static final int MOST_BITS = 48;

    /** The lowest addresses of the range that may be given and are not taken, so many at most. */
    public List<InetAddress> lowestFree(Set<InetAddress> taken, int most) {
        List<InetAddress> free = new ArrayList<>();
        InetAddress last = subnet.ipRange().last();
        InetAddress candidate = subnet.ipRange().network();
        while (free.size() < most) {
            if (!taken.contains(candidate) && reservedAs(candidate).isEmpty()) {
                free.add(candidate);
            }
            if (candidate.equals(last)) {
                break;
            }
            candidate = Addresses.next(candidate);
        }
        return free;
    }

    /** Addresses of the range, those that are never given among them. */
    public long size() {
        Cidr range = subnet.ipRange();
        return 1L << Math.min(MOST_BITS, range.network().getAddress().length * Byte.SIZE - range.prefixLength());
    }

    /** An address of the range. @param index 0 to size - 1 */
    public InetAddress at(long index) {
        return Addresses.plus(subnet.ipRange().network().getAddress(), BigInteger.valueOf(index));
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
        if (subnet.reserved().contains(address)) {
            return Optional.of("reserved");
        }
        return cidr.isIpv4() && address.equals(cidr.last()) ? Optional.of("the broadcast address") : Optional.empty();
    }
}
