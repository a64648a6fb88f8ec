/** Netlink (RFC 3549, linux/netlink.h): sockets, messages, attributes. Knows no family of it. */
package dev.weft.ffm.netlink;
