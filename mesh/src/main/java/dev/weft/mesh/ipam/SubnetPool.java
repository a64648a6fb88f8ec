package dev.weft.mesh.ipam;

import dev.weft.api.Cidr;
import dev.weft.api.SubnetPoolSpec;
import dev.weft.api.SubnetSpec;
import dev.weft.mesh.model.SubnetRecord;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The subnets of networks that name none. Pure. */
public final class SubnetPool {

    /** Nobody has more networks: there are not so many VNIs. */
    private static final int MOST_PREFIX_BITS = 24;

    private SubnetPool() {
    }

    /** The lowest one that overlaps no other network's subnet and holds no address of a node. */
    public static Optional<Cidr> firstFree(SubnetPoolSpec pool, Collection<Cidr> others, Collection<InetAddress> nodes) {
        Set<Cidr> same = new HashSet<>(others);
        long prefixes = 1L << Math.min(MOST_PREFIX_BITS, pool.prefixLength() - pool.range().prefixLength());
        for (long i = 0; i < prefixes; i++) {
            Cidr candidate = prefix(pool, i);
            if (!same.contains(candidate) && others.stream().noneMatch(candidate::overlaps) && nodes.stream().noneMatch(candidate::contains)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static Cidr prefix(SubnetPoolSpec pool, long index) {
        byte[] first = pool.range().network().getAddress();
        BigInteger offset = BigInteger.valueOf(index).shiftLeft(first.length * Byte.SIZE - pool.prefixLength());
        return new Cidr(Addresses.plus(first, offset), pool.prefixLength());
    }

    /** A subnet as it was asked for, with defaults for what was not: the first host address is the gateway. */
    public static SubnetRecord complete(SubnetSpec spec) {
        return new SubnetRecord(spec.cidr(), spec.gateway().orElseGet(() -> Addresses.next(spec.cidr().network())),
                spec.ipRange().orElse(spec.cidr()), spec.reserved(), false);
    }
}
