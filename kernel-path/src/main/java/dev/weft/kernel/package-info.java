/** The data path that is the kernel's own VXLAN, the gateway bridge and published ports: made over netlink, compared and put right. */
package dev.weft.kernel;
