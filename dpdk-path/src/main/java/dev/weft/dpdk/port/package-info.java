/** Where packets come from and go to: DPDK devices, sockets, taps, in-process rings, and the buffers that they are in. */
package dev.weft.dpdk.port;
