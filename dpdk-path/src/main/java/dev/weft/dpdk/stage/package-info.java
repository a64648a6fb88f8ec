/** The stages of the walk of a packet, one a file. */
package dev.weft.dpdk.stage;
