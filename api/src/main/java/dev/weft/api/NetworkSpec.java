package dev.weft.api;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a network shall be. Immutable; made by {@link #named}.
 *
 * @param name       unique in the cluster
 * @param subnets    none (the cluster takes a free one) or several that do not overlap
 * @param mtu        of the endpoints' interfaces, in bytes; empty: the uplink's less the overhead (50 on IPv4, 70 on IPv6; encrypted 92
 *                   and 112)
 * @param vni        24 bits, 1 to 16777215; empty: the cluster takes a free one
 * @param attachable whether endpoints outside services may attach
 * @param encryption what its packets between nodes are encrypted with; empty: they go in clear
 * @param internal   whether its endpoints in network namespaces have no way out by the node's gateway bridge
 * @param ingress    whether it is the one network that carries what comes by published ports; it takes no endpoints by hand
 */
public record NetworkSpec(String name, List<SubnetSpec> subnets, OptionalInt mtu, OptionalInt vni, boolean attachable,
                          Optional<Cipher> encryption, boolean internal, boolean ingress) {

    /** RFC 791: every host accepts 576 bytes; below that IPv4 services break. */
    public static final int MIN_MTU = 576;
    /** RFC 8200, section 5. */
    public static final int MIN_MTU_IPV6 = 1280;
    /** 65535 less the largest overhead (70). */
    public static final int MAX_MTU = 65465;
    /** RFC 7348, section 5: 24 bits. */
    public static final int MAX_VNI = 0xff_ffff;

    public NetworkSpec {
        Names.checked("network", name);
        subnets = List.copyOf(subnets);
        for (int i = 0; i < subnets.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (subnets.get(i).cidr().overlaps(subnets.get(j).cidr())) {
                    throw new WeftException.InvalidSpec("subnets " + subnets.get(j).cidr() + " and " + subnets.get(i).cidr()
                            + " of network '" + name + "' overlap; take ranges that do not");
                }
            }
        }
        boolean ipv6 = subnets.stream().anyMatch(subnet -> !subnet.cidr().isIpv4());
        int least = ipv6 ? MIN_MTU_IPV6 : MIN_MTU;
        if (mtu.isPresent() && (mtu.getAsInt() < least || mtu.getAsInt() > MAX_MTU)) {
            throw new WeftException.InvalidSpec("MTU " + mtu.getAsInt() + " is out of range; network '" + name + "' takes "
                    + least + " to " + MAX_MTU);
        }
        if (ingress && !subnets.isEmpty() && subnets.stream().noneMatch(subnet -> subnet.cidr().isIpv4())) {
            throw new WeftException.InvalidSpec("network '" + name + "' is an ingress network and has no IPv4 subnet; name one, or none at all");
        }
        if (vni.isPresent() && (vni.getAsInt() < 1 || vni.getAsInt() > MAX_VNI)) {
            throw new WeftException.InvalidSpec("VNI " + vni.getAsInt() + " is out of range; take 1 to " + MAX_VNI);
        }
    }

    public static Builder named(String name) {
        return new Builder(name);
    }

    /** Collects a {@link NetworkSpec}. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final List<SubnetSpec> subnets = new ArrayList<>();
        private final List<InetAddress> reserved = new ArrayList<>();
        private OptionalInt mtu = OptionalInt.empty();
        private OptionalInt vni = OptionalInt.empty();
        private boolean attachable = true;
        private Optional<Cipher> encryption = Optional.empty();
        private boolean internal;
        private boolean ingress;

        private Builder(String name) {
            this.name = name;
        }

        public Builder subnet(String cidr) {
            subnets.add(SubnetSpec.of(cidr));
            return this;
        }

        /** A subnet with a gateway and a range; null for either takes its default. */
        public Builder subnet(Cidr cidr, InetAddress gateway, Cidr ipRange) {
            subnets.add(new SubnetSpec(cidr, Optional.ofNullable(gateway), Optional.ofNullable(ipRange)));
            return this;
        }

        /** Keeps an address of one of the subnets from being given. */
        public Builder reserve(String literal) {
            reserved.add(Cidr.parseAddress(literal));
            return this;
        }

        public Builder mtu(int bytes) {
            mtu = OptionalInt.of(bytes);
            return this;
        }

        public Builder vni(int value) {
            vni = OptionalInt.of(value);
            return this;
        }

        public Builder attachable(boolean value) {
            attachable = value;
            return this;
        }

        /** ESP around its packets between nodes; a node that cannot do that takes no endpoints of it. */
        public Builder encrypted(Cipher cipher) {
            encryption = Optional.of(cipher);
            return this;
        }

        /** Without a way out: its endpoints in network namespaces reach each other and nobody else. */
        public Builder internal(boolean value) {
            internal = value;
            return this;
        }

        /** The network for published ports: a cluster has one at most. */
        public Builder ingress(boolean value) {
            ingress = value;
            return this;
        }

        /** @throws WeftException.InvalidSpec if something is out of range, or a reserved address is in none of the subnets */
        public NetworkSpec build() {
            reserved.stream().filter(address -> subnets.stream().noneMatch(subnet -> subnet.cidr().contains(address))).forEach(address -> {
                throw new WeftException.InvalidSpec("reserved address " + address.getHostAddress() + " is in none of the subnets that network '"
                        + name + "' names; name the subnet");
            });
            List<SubnetSpec> complete = subnets.stream().map(subnet -> new SubnetSpec(subnet.cidr(), subnet.gateway(), subnet.ipRange(),
                    reserved.stream().filter(subnet.cidr()::contains).toList())).toList();
            return new NetworkSpec(name, complete, mtu, vni, attachable && !ingress, encryption, internal || ingress, ingress);
        }
    }
}
