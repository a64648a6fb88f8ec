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
        int now = flows.now();
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && VipDispatch.isFlow(burst, i) && !burst.dispatched[i]) {
                flows.restore(burst, i, now);
            }
        }
    }
}
