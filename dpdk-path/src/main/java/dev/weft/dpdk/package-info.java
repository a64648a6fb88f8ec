/** The data paths in user space, on DPDK's ports and on a UDP socket: their uplinks, and the walk of a packet. */
package dev.weft.dpdk;
