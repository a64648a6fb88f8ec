package dev.weft.api.wire;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * What a packet of the overlay becomes longer by on the underlay; Ethernet's own header is in nobody's MTU.
 *
 * <pre>
 *   in clear   IP | UDP 8 | VXLAN 8 | Ethernet 14 | inner packet
 *   ESP        IP | SPI, sequence 8 | IV 8 | UDP 8 | VXLAN 8 | Ethernet 14 | inner packet | padding 0 to 3 | trailer 2 | ICV 16
 *   in UDP     IP | UDP 8 | and so on as ESP
 * </pre>
 *
 * What fits an underlay of 1500 bytes: 1450 over IPv4 and 1430 over IPv6 in clear; 1416 and 1396 as ESP; 1408 and 1388 as ESP in UDP.
 */
public final class UnderlayOverhead {

    private static final int IPV4 = 20;
    private static final int IPV6 = 40;
    private static final int ETHERNET_VXLAN_UDP = 14 + 8 + 8;
    private static final int ESP_BEFORE = 8 + 8;
    private static final int ESP_TRAILER = 2;
    private static final int ESP_ICV = 16;
    private static final int ESP_ALIGNMENT = 4;
    private static final int UDP = 8;

    private UnderlayOverhead() {
    }

    /**
     * The longest inner packet of a network in clear.
     *
     * @param underlayMtu bytes of an IP packet on the underlay
     * @param vtep        whose family is the underlay's
     */
    public static int mtuInClear(int underlayMtu, InetAddress vtep) {
        return underlayMtu - ip(vtep) - ETHERNET_VXLAN_UDP;
    }

    /**
     * The longest inner packet of an encrypted network (both ciphers).
     *
     * @param underlayMtu bytes of an IP packet on the underlay
     * @param vtep        whose family is the underlay's
     * @param udp         whether ESP goes in UDP to any peer
     */
    public static int mtuEncrypted(int underlayMtu, InetAddress vtep, boolean udp) {
        int encrypted = underlayMtu - ip(vtep) - (udp ? UDP : 0) - ESP_BEFORE - ESP_ICV;
        return encrypted / ESP_ALIGNMENT * ESP_ALIGNMENT - ESP_TRAILER - ETHERNET_VXLAN_UDP;
    }

    private static int ip(InetAddress vtep) {
        return vtep instanceof Inet4Address ? IPV4 : IPV6;
    }
}
