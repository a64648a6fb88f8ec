package dev.weft.dpdk.pipeline;

/** How an overlay packet is wrapped on the underlay, behind what the uplink's port takes off. */
public final class Wire {

    /** A VXLAN header: the packet is in clear. */
    public static final int VXLAN = 0;
    /** An ESP header (protocol 50). */
    public static final int ESP = 1;
    /** A datagram of the port of ESP in UDP (RFC 3948): an ESP header, or a marker that says that it is none. */
    public static final int ESP_IN_UDP = 2;

    private Wire() {
    }
}
