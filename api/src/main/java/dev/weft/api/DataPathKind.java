package dev.weft.api;

/** What carries the packets of a node. */
public enum DataPathKind {
    /**
     * The best that works here. When an uplink is named that only DPDK can drive: {@link #DPDK}. Else the first of {@link #KERNEL}, {@link #DPDK} and
     * {@link #SOCKET} that can encrypt, and when none can, of {@link #KERNEL} and {@link #SOCKET}.
     */
    AUTO,
    /** Poll-mode pipeline on DPDK ports. */
    DPDK,
    /** The kernel's own VXLAN, programmed over netlink. */
    KERNEL,
    /** The poll-mode pipeline over an ordinary UDP socket; needs no privilege. */
    SOCKET
}
