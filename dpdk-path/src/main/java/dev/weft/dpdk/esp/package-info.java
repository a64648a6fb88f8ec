/** ESP as this node's own stages need it: engines of AES-GCM, the state of SAs, and which SA is for whom. */
package dev.weft.dpdk.esp;
