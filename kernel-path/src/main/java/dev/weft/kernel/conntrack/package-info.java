/** Connections that the kernel tracks (ctnetlink, linux/netfilter/nfnetlink_conntrack.h). */
package dev.weft.kernel.conntrack;
