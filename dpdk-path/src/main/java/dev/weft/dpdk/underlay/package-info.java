/** Between nodes: next hops, outer headers, and what of an interface is the kernel's. */
package dev.weft.dpdk.underlay;
