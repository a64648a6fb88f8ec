/** System calls by FFM, as thin as they can be: descriptors, sockets, ioctl, namespaces, taps. Linux on 64 bits, little-endian. */
package dev.weft.ffm.libc;
