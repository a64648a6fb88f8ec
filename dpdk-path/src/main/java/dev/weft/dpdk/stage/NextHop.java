package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.underlay.NextHopTable;
import java.util.function.LongSupplier;

/**
 * Outbound, Ethernet uplinks only, before {@link VxlanEncap}: finds the MAC of the neighbour that leads to the remote VTEP.
 * A stage of its own because the table of next hops belongs to the poller's thread and encapsulation may run on others.
 */
public final class NextHop implements Stage {

    private final NextHopTable nextHops;
    private final LongSupplier nanoClock;

    /** @param nanoClock {@link System#nanoTime}, or a test's */
    public NextHop(NextHopTable nextHops, LongSupplier nanoClock) {
        this.nextHops = nextHops;
        this.nanoClock = nanoClock;
    }

    @Override
    public void process(Burst burst) {
        if (!nextHops.isOf(burst.tables.vteps())) { // no look at the clock but when there are new ones
            nextHops.adopt(burst.tables.vteps(), nanoClock.getAsLong());
        }
        int peer = Burst.NONE;
        long mac = NextHopTable.UNRESOLVED;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.peer[i] != Burst.NONE) {
                if (burst.peer[i] != peer) {
                    peer = burst.peer[i];
                    mac = nextHops.mac(peer);
                }
                burst.nextHop[i] = mac;
                if (mac == NextHopTable.UNRESOLVED) {
                    burst.drop(i, DropReason.NEXT_HOP_UNRESOLVED);
                }
            }
        }
    }
}
