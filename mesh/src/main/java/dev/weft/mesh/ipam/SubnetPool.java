package dev.weft.mesh.ipam;

import dev.weft.api.Cidr;
import dev.weft.api.SubnetSpec;
import dev.weft.mesh.model.SubnetRecord;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Optional;

/** The subnets of networks that name none: the /24 prefixes of 10.0.0.0/8 (RFC 1918). Pure. */
public final class SubnetPool {

    private static final int PREFIX_LENGTH = 24;
    private static final int PREFIXES = 1 << PREFIX_LENGTH - 8;

    private SubnetPool() {
    }

    /** The lowest one that overlaps no other network's subnet and holds no address of a node. */
    public static Optional<Cidr> firstFree(Collection<Cidr> others, Collection<InetAddress> nodes) {
        for (int i = 0; i < PREFIXES; i++) {
            Cidr candidate = new Cidr(Addresses.of(new byte[] {10, (byte) (i >> 8), (byte) i, 0}), PREFIX_LENGTH);
            if (others.stream().noneMatch(candidate::overlaps) && nodes.stream().noneMatch(candidate::contains)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** A subnet as it was asked for, with defaults for what was not: the first host address is the gateway. */
    public static SubnetRecord complete(SubnetSpec spec) {
        return new SubnetRecord(spec.cidr(), spec.gateway().orElseGet(() -> Addresses.next(spec.cidr().network())),
                spec.ipRange().orElse(spec.cidr()));
    }

}
