package dev.weft.mesh.model;

import dev.weft.api.Cipher;
import dev.weft.api.NetworkInfo;
import java.util.List;
import java.util.Optional;

/** A network. Never changes while it exists. */
public record NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable, Optional<Cipher> encryption) {

    public NetworkRecord {
        subnets = List.copyOf(subnets);
    }

    /** In clear. */
    public NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable) {
        this(name, vni, mtu, subnets, attachable, Optional.empty());
    }

    public NetworkInfo info() {
        return new NetworkInfo(name, vni, mtu, subnets.stream().map(SubnetRecord::spec).toList(),
                subnets.stream().map(SubnetRecord::gateway).toList(), attachable, encryption);
    }
}
