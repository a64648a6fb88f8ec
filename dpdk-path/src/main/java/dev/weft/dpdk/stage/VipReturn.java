package dev.weft.dpdk.stage;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.VipErrors;
import dev.weft.dpdk.service.VipFlows;

/**
 * At the client's node, both directions (a backend may be at another node or at this one): what a backend answers comes from the
 * VIP that the client asked, and so do ICMP errors about the question.
 */
public final class VipReturn implements Stage {

    private final VipFlows flows;
    private final VipErrors errors;

    public VipReturn(VipFlows flows) {
        this.flows = flows;
        errors = new VipErrors(flows);
    }

    @Override
    public void process(Burst burst) {
        long asked = flows.hasFlows() ? ofFlows(burst) : 0;
        if (asked == 0) {
            return;
        }
        flows.readKeys(burst, asked, true);
        int now = flows.now();
        flows.find(asked, now);
        for (long rest = asked; rest != 0; rest &= rest - 1) {
            flows.restore(burst, Long.numberOfTrailingZeros(rest), now);
        }
    }

    /** A bit for each packet that may be an answer. Errors are few, and done at once. */
    private long ofFlows(Burst burst) {
        long asked = burst.open() & ~burst.dispatched;
        for (long rest = asked & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (VipErrors.isError(burst, i)) {
                errors.restore(burst, i, flows.now());
            }
        }
        return asked & burst.flows;
    }
}
