/** Datagram channels of in-process endpoints: UDP, ARP and ND over a frame channel. */
package dev.weft.mesh.udp;
