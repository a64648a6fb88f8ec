package dev.weft.api;

/** What carries the packets of a node. */
public enum DataPathKind {
    /** The best that works here: {@link #DPDK} when an uplink is named that only DPDK can drive, else {@link #KERNEL}, else {@link #SOCKET}. */
    AUTO,
    /** Poll-mode pipeline on DPDK ports. */
    DPDK,
    /** The kernel's own VXLAN, programmed over netlink. */
    KERNEL,
    /** The poll-mode pipeline over an ordinary UDP socket; needs no privilege. */
    SOCKET
}
