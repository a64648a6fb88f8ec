package dev.weft.dpdk.stage;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.VipFlows;

/**
 * At the client's node, both directions (a backend may be at another node or at this one): what a backend answers comes from the
 * VIP that the client asked.
 */
public final class VipReturn implements Stage {

    private final VipFlows flows;

    public VipReturn(VipFlows flows) {
        this.flows = flows;
    }

    @Override
    public void process(Burst burst) {
        long asked = flows.hasFlows() ? ofFlows(burst) : 0;
        if (asked == 0) {
            return;
        }
        flows.prefetch(burst, asked, true);
        int now = flows.now();
        for (long rest = asked; rest != 0; rest &= rest - 1) {
            flows.restore(burst, Long.numberOfTrailingZeros(rest), now);
        }
    }

    /** A bit for each packet that may be an answer. */
    private static long ofFlows(Burst burst) {
        long asked = 0;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && VipDispatch.isFlow(burst, i) && !burst.dispatched[i]) {
                asked |= 1L << i;
            }
        }
        return asked;
    }
}
