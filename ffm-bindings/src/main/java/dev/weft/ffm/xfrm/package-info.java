/** XFRM (linux/xfrm.h): the kernel's IPsec, its SAs ("states") and policies, over netlink. ESP in transport mode alone. */
package dev.weft.ffm.xfrm;
