package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.table.Tables;

/** What the packet path does because time has passed and not because a packet came: ageing of flows, asking for neighbours. */
@FunctionalInterface
public interface Housekeeping {

    /** Called by the poller's thread about ten times a second. */
    void tick(Tables tables, long nanos);
}
