package dev.weft.mesh;

import dev.weft.api.NetworkSpec;
import java.net.Inet4Address;
import java.net.InetAddress;

/** What VXLAN adds to an inner IP packet (RFC 7348, 5): inner Ethernet 14, VXLAN 8, UDP 8, and the outer IP header. */
final class Overhead {

    private static final int INNER_ETHERNET_VXLAN_UDP = 14 + 8 + 8;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    private Overhead() {
    }

    /** 50 bytes when the VTEP is IPv4, 70 when it is IPv6. */
    static int of(InetAddress vtep) {
        return INNER_ETHERNET_VXLAN_UDP + (vtep instanceof Inet4Address ? IPV4_HEADER : IPV6_HEADER);
    }

    /** The MTU of a network that names none. */
    static int defaultMtu(int underlayMtu, InetAddress vtep) {
        return Math.min(underlayMtu - of(vtep), NetworkSpec.MAX_MTU);
    }
}
