/** How stages run: bursts, the poller, workers, what is done while there is nothing to do. */
package dev.weft.dpdk.pipeline;
