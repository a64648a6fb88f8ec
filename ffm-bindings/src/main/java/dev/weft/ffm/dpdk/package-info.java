/** DPDK by FFM, without a line of C: EAL, mempools, mbufs, ethdev. No policy. */
package dev.weft.ffm.dpdk;
