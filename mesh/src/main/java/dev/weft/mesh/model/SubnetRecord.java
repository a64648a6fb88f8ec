package dev.weft.mesh.model;

import dev.weft.api.Cidr;
import dev.weft.api.SubnetSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A subnet with its defaults filled in.
 *
 * @param ipRange   addresses are drawn from it; the subnet itself when none was asked for
 * @param reserved  never given
 * @param extension whether it is more room for the first subnet of its family, and not a subnet in which each endpoint has an address
 */
public record SubnetRecord(Cidr cidr, InetAddress gateway, Cidr ipRange, List<InetAddress> reserved, boolean extension) {

    public SubnetRecord {
        reserved = List.copyOf(reserved);
    }

    public SubnetRecord(Cidr cidr, InetAddress gateway, Cidr ipRange) {
        this(cidr, gateway, ipRange, List.of(), false);
    }

    public SubnetRecord withIpRange(Cidr other) {
        return new SubnetRecord(cidr, gateway, other, reserved, extension);
    }

    public SubnetRecord asExtension() {
        return new SubnetRecord(cidr, gateway, ipRange, reserved, true);
    }

    public SubnetSpec spec() {
        return new SubnetSpec(cidr, Optional.of(gateway), ipRange.equals(cidr) ? Optional.empty() : Optional.of(ipRange), reserved);
    }
}
