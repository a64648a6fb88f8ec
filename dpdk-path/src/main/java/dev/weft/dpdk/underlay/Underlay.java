package dev.weft.dpdk.underlay;

import dev.weft.api.MacAddress;
import dev.weft.api.wire.UdpHeader;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * This node's own side of an underlay that is Ethernet.
 *
 * @param vtep      the data-path address
 * @param port      UDP port of the overlay on every node, 4789 by default
 * @param espPort   UDP port of ESP in UDP on every node, 4500 by default
 * @param mac       of the uplink
 * @param vtepOwner who answers for the data-path address
 */
public record Underlay(InetAddress vtep, int port, int espPort, MacAddress mac, VtepOwner vtepOwner) {

    /** Ethernet is not counted: it is not in an interface's MTU, but the inner Ethernet header is. */
    private static final int OVERHEAD_IPV4 = 50;
    private static final int OVERHEAD_IPV6 = 70;

    /** With the default port of ESP in UDP. */
    public Underlay(InetAddress vtep, int port, MacAddress mac, VtepOwner vtepOwner) {
        this(vtep, port, UdpHeader.ESP_PORT, mac, vtepOwner);
    }

    /** Whether ARP, ND and ICMP echo for the data-path address are answered here. */
    public boolean ownsVtep() {
        return vtepOwner == VtepOwner.PIPELINE;
    }

    public boolean isIpv4() {
        return vtep instanceof Inet4Address;
    }

    /** Bytes of underlay IP packet around an inner IP packet: outer IP, UDP, VXLAN and the inner Ethernet header. */
    public static int overhead(InetAddress vtep) {
        return vtep instanceof Inet4Address ? OVERHEAD_IPV4 : OVERHEAD_IPV6;
    }
}
