/** What stages look up, as immutable snapshots that share what has not changed. */
package dev.weft.dpdk.table;
