package dev.weft.dpdk.underlay;

import dev.weft.api.MacAddress;
import java.net.InetAddress;

/**
 * Underlay packets between us (A) and another node (B), all made by scapy. Both families have the same MACs, VNI 0x123456 and
 * the same inner frame.
 */
public final class UnderlayPackets {

    public static final MacAddress MAC_A = MacAddress.parse("02:42:c0:00:02:01");
    public static final MacAddress MAC_B = MacAddress.parse("02:42:c0:00:02:02");
    public static final InetAddress IPV4_A = InetAddress.ofLiteral("192.0.2.1");
    public static final InetAddress IPV4_B = InetAddress.ofLiteral("192.0.2.2");
    public static final InetAddress IPV6_A = InetAddress.ofLiteral("2001:db8::1");
    public static final InetAddress IPV6_B = InetAddress.ofLiteral("2001:db8:1:2:3:4:5:6");

    public static final int VNI = 0x123456;
    /** Gives the source port 58180. */
    public static final int FLOW_HASH = 0x00012345;

    private static final String TO_B = "0242c00002020242c0000201";
    private static final String TO_A = "0242c00002010242c0000202";
    private static final String ADDRESS_A = "20010db8000000000000000000000001";
    private static final String ADDRESS_B = "20010db8000100020003000400050006";

    /** From 02:42:0a:00:01:02 to 02:42:0a:00:01:03, UDP from 10.0.1.2:40000 to 10.0.1.3:53. */
    public static final String INNER_FRAME = "02420a00010302420a00010208004500001f00010000401164c90a0001020a0001039c400035000b88fb616263";
    public static final String VXLAN = "0800000012345600" + INNER_FRAME;

    /** What we send: DF, no identification, no UDP checksum. */
    public static final String IPV4_TO_B = TO_B + "080045000051000040004011b698c0000201c0000202" + "e34412b5003d0000" + VXLAN;
    public static final String IPV6_TO_B = TO_B + "86dd60000000003d1140" + ADDRESS_A + ADDRESS_B + "e34412b5003d3156" + VXLAN;
    /** What B sends: with a UDP checksum. */
    public static final String IPV4_TO_A = TO_A + "080045000051000700004011f691c0000202c0000201" + "c35012b5003d28ce" + VXLAN;
    public static final String IPV6_TO_A = TO_A + "86dd60000000003d1140" + ADDRESS_B + ADDRESS_A + "c35012b5003d514a" + VXLAN;
    public static final String IPV4_FRAGMENT = TO_A + "080045000020000120004011d6c8c0000202c0000201" + "c35012b50064000078787878";
    public static final String IPV6_FRAGMENT = TO_A + "86dd6000000000142c40" + ADDRESS_B + ADDRESS_A + "1100000100000005c35012b50064000078787878";

    /** SPI 0x1234, number and IV 1; what is behind them nobody reads here. */
    public static final String ESP = "00001234000000010000000000000001" + "a5".repeat(20);
    public static final String ESP_IPV4_TO_B = TO_B + "080045000038000040004032b690c0000201c0000202" + ESP;
    public static final String ESP_IPV6_TO_B = TO_B + "86dd6000000000243240" + ADDRESS_A + ADDRESS_B + ESP;
    public static final String ESP_IPV4_TO_A = TO_A + "080045000038000700004032f689c0000202c0000201" + ESP;
    public static final String ESP_IPV6_TO_A = TO_A + "86dd6000000000243240" + ADDRESS_B + ADDRESS_A + ESP;
    public static final String ESP_IN_UDP_IPV4_TO_A = TO_A + "080045000040000700004011f6a2c0000202c0000201c3501194002c0000" + ESP;
    public static final String ESP_IN_UDP_IPV6_TO_A = TO_A + "86dd60000000002c1140" + ADDRESS_B + ADDRESS_A + "c3501194002c447b" + ESP;
    public static final String ESP_IPV4_FRAGMENT = TO_A + "080045000038000720004032d689c0000202c0000201" + ESP;
    public static final String ESP_IPV6_FRAGMENT = TO_A + "86dd60000000002c2c40" + ADDRESS_B + ADDRESS_A + "3200000100000005" + ESP;
    public static final String ESP_IN_UDP_IPV6_TO_B = TO_B + "86dd60000000002c1140" + ADDRESS_A + ADDRESS_B + "e3441194002c2487" + ESP;

    public static final String ARP_REQUEST_OF_B = "ffffffffffff0242c0000202080600010800060400010242c0000202c0000202000000000000c0000201";
    public static final String ARP_REPLY_OF_A = TO_B + "080600010800060400020242c0000201c00002010242c0000202c0000202";
    public static final String ARP_REQUEST_OF_A = "ffffffffffff0242c0000201080600010800060400010242c0000201c0000201000000000000c0000202";
    public static final String ARP_PROBE_OF_A = TO_B + "080600010800060400010242c0000201c0000201000000000000c0000202";
    public static final String ARP_REPLY_OF_B = TO_A + "080600010800060400020242c0000202c00002020242c0000201c0000201";

    public static final String SOLICITATION_OF_B = "3333ff0000010242c000020286dd6000000000203aff" + ADDRESS_B
            + "ff0200000000000000000001ff000001870059d100000000" + ADDRESS_A + "01010242c0000202";
    public static final String ADVERTISEMENT_OF_A = TO_B + "86dd6000000000203aff" + ADDRESS_A + ADDRESS_B
            + "8800c81d60000000" + ADDRESS_A + "02010242c0000201";
    public static final String SOLICITATION_OF_A = "3333ff0500060242c000020186dd6000000000203aff" + ADDRESS_A
            + "ff0200000000000000000001ff050006870059c800000000" + ADDRESS_B + "01010242c0000201";
    public static final String SOLICITATION_PROBE_OF_A = TO_B + "86dd6000000000203aff" + ADDRESS_A + ADDRESS_B
            + "87002a0a00000000" + ADDRESS_B + "01010242c0000201";
    public static final String ADVERTISEMENT_OF_B = TO_A + "86dd6000000000203aff" + ADDRESS_B + ADDRESS_A
            + "8800c80860000000" + ADDRESS_B + "02010242c0000202";
    /** Somebody is about to take our address. */
    public static final String DUPLICATE_ADDRESS_CHECK = "3333ff0000010242c000020986dd6000000000183aff"
            + "00000000000000000000000000000000ff0200000000000000000001ff00000187004ced00000000" + ADDRESS_A;
    public static final String ADVERTISEMENT_TO_ALL = "3333000000010242c000020186dd6000000000203aff" + ADDRESS_A
            + "ff020000000000000000000000000001880036e820000000" + ADDRESS_A + "02010242c0000201";

    public static final String ECHO_REQUEST_IPV4 = TO_A + "080045000021000900003f01f7cfc0000202c0000201" + "0800b3b50077000168656c6c6f";
    public static final String ECHO_REPLY_IPV4 = TO_B + "080045000021000900004001f6cfc0000201c0000202" + "0000bbb50077000168656c6c6f";
    public static final String ECHO_REQUEST_IPV6 = TO_A + "86dd60000000000d3a3f" + ADDRESS_B + ADDRESS_A + "8000dfe50077000168656c6c6f";
    public static final String ECHO_REPLY_IPV6 = TO_B + "86dd60000000000d3a40" + ADDRESS_A + ADDRESS_B + "8100dee50077000168656c6c6f";

    private UnderlayPackets() {
    }

    public static Underlay ipv4(boolean ownsVtep) {
        return ipv4(ownsVtep ? VtepOwner.PIPELINE : VtepOwner.KERNEL_BESIDE);
    }

    public static Underlay ipv4(VtepOwner owner) {
        return new Underlay(IPV4_A, 4789, MAC_A, owner);
    }

    public static Underlay ipv6(boolean ownsVtep) {
        return ipv6(ownsVtep ? VtepOwner.PIPELINE : VtepOwner.KERNEL_BESIDE);
    }

    public static Underlay ipv6(VtepOwner owner) {
        return new Underlay(IPV6_A, 4789, MAC_A, owner);
    }
}
