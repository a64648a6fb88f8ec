/** nf_tables over raw netlink (linux/netfilter/nf_tables.h): VIPs, guards and clamps of the kernel path. */
package dev.weft.kernel.nft;
