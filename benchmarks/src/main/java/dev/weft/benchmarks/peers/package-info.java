/** Weft beside the kernel's VXLAN, Open vSwitch, nebula and wireguard-go. */
package dev.weft.benchmarks.peers;
