/** Encryption by the kernel: XFRM states and policies made so, and whether this kernel has what they need. */
package dev.weft.kernel.xfrm;
