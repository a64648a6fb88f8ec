package dev.weft.mesh.model;

import dev.weft.api.Cipher;
import dev.weft.api.NetworkInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network. While it exists it changes only in that it grows, by a subnet or by a wider range, and in its keys.
 *
 * @param keyRotation another number each time that somebody asks for new keys; 0 at first
 * @param ingress     whether it is the one for published ports
 */
public record NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable, Optional<Cipher> encryption,
                            boolean internal, boolean ingress, long keyRotation) {

    public NetworkRecord {
        subnets = List.copyOf(subnets);
    }

    /** With its first keys. */
    public NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable, Optional<Cipher> encryption,
                         boolean internal, boolean ingress) {
        this(name, vni, mtu, subnets, attachable, encryption, internal, ingress, 0);
    }

    /** With a way out. */
    public NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable, Optional<Cipher> encryption) {
        this(name, vni, mtu, subnets, attachable, encryption, false, false);
    }

    /** In clear. */
    public NetworkRecord(String name, int vni, int mtu, List<SubnetRecord> subnets, boolean attachable) {
        this(name, vni, mtu, subnets, attachable, Optional.empty());
    }

    public NetworkRecord withSubnets(List<SubnetRecord> others) {
        return new NetworkRecord(name, vni, mtu, others, attachable, encryption, internal, ingress, keyRotation);
    }

    public NetworkRecord withKeysRotated() {
        return new NetworkRecord(name, vni, mtu, subnets, attachable, encryption, internal, ingress, keyRotation + 1);
    }

    /** An endpoint has one address of each: the subnets of a pool, the first of them first. */
    public List<List<SubnetRecord>> pools() {
        List<List<SubnetRecord>> pools = new ArrayList<>();
        for (SubnetRecord subnet : subnets) {
            if (subnet.extension()) {
                pools.stream().filter(pool -> pool.getFirst().cidr().isIpv4() == subnet.cidr().isIpv4()).findFirst().orElseThrow().add(subnet);
            } else {
                pools.add(new ArrayList<>(List.of(subnet)));
            }
        }
        return pools;
    }

    public NetworkInfo info() {
        return new NetworkInfo(name, vni, mtu, subnets.stream().map(SubnetRecord::spec).toList(),
                subnets.stream().map(SubnetRecord::gateway).toList(), attachable, encryption, internal, ingress);
    }
}
