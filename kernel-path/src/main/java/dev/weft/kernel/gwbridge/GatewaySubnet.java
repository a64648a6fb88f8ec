package dev.weft.kernel.gwbridge;

import dev.weft.api.Cidr;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The bridge's subnet.
 *
 * @param gateway the bridge's own address
 */
record GatewaySubnet(Cidr cidr, InetAddress gateway) {

    /** RFC 1918, outside of the 10.0.0.0/8 that networks come from: 172.18.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on. */
    private static final List<Cidr> CANDIDATES = Stream.concat(
            IntStream.rangeClosed(18, 31).mapToObj(second -> Cidr.parse("172." + second + ".0.0/16")),
            IntStream.range(0, 16).mapToObj(each -> Cidr.parse("192.168." + each * 16 + ".0/20"))).toList();

    /** With the first host address as the gateway. */
    static GatewaySubnet of(Cidr cidr) {
        return new GatewaySubnet(cidr, LegNames.address(LegNames.bits(cidr.network()) + 1));
    }

    /** The first one that overlaps nothing of what is taken. */
    static Optional<Cidr> firstFree(Collection<Cidr> taken) {
        return CANDIDATES.stream().filter(candidate -> taken.stream().noneMatch(candidate::overlaps)).findFirst();
    }

    /** @param fromTop the highest free address: a bridge that somebody else made has most probably users at the low ones */
    Optional<InetAddress> freeAddress(Set<InetAddress> taken, boolean fromTop) {
        long first = LegNames.bits(cidr.network()) + 1;
        long last = LegNames.bits(cidr.last()) - 1;
        return LongStream.rangeClosed(0, last - first).map(step -> fromTop ? last - step : first + step).mapToObj(LegNames::address)
                .filter(address -> !address.equals(gateway) && !taken.contains(address)).findFirst();
    }
}
