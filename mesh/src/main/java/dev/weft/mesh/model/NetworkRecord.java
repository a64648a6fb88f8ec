package dev.weft.mesh.model;

import dev.weft.api.NetworkInfo;
import java.util.List;

/** A network. Never changes while it exists. */
public record NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable) {

    public NetworkRecord {
        subnets = List.copyOf(subnets);
    }

    public NetworkInfo info() {
        return new NetworkInfo(name, vni, mtu, subnets.stream().map(SubnetRecord::spec).toList(),
                subnets.stream().map(SubnetRecord::gateway).toList(), attachable);
    }
}
