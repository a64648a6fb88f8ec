package dev.weft.api.path;

import dev.weft.api.Cidr;
import java.net.InetAddress;

/** A subnet and its gateway address, which every node answers for (ARP, ND, ICMP echo) with {@link NetworkState#gatewayMac}. */
public record SubnetState(Cidr cidr, InetAddress gateway) {
}
