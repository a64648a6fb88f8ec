package dev.weft.mesh.model;

import dev.weft.api.Cidr;
import dev.weft.api.SubnetSpec;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A subnet with its defaults filled in.
 *
 * @param ipRange addresses are drawn from it; the subnet itself when none was asked for
 */
public record SubnetRecord(Cidr cidr, InetAddress gateway, Cidr ipRange) {

    public SubnetSpec spec() {
        return new SubnetSpec(cidr, Optional.of(gateway), ipRange.equals(cidr) ? Optional.empty() : Optional.of(ipRange));
    }
}
