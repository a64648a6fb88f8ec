package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.service.VipErrors;
import dev.weft.dpdk.service.VipFlows;

/** Outbound: connections to a VIP go to one of its backends, each to the one it began with; so do ICMP errors about its answers. */
public final class VipDispatch implements Stage {

    private final VipFlows flows;
    private final VipErrors errors;

    public VipDispatch(VipFlows flows) {
        this.flows = flows;
        errors = new VipErrors(flows);
    }

    @Override
    public void process(Burst burst) {
        long asked = toGateways(burst);
        if (asked == 0) {
            return;
        }
        flows.prefetch(burst, asked, false);
        flows.translate(burst, withBackend(burst, asked));
    }

    /**
     * A bit for each packet that may be for a VIP: one with ports, or a fragment that begins with them. VIPs have the gateway's MAC, all else is
     * spared the look-up. Errors are few, and done at once.
     */
    private long toGateways(Burst burst) {
        long asked = burst.open() & burst.toGateway;
        for (long rest = asked & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (VipErrors.isError(burst, i) && errors.dispatch(burst, i, flows.now())) {
                burst.dispatched |= 1L << i;
            }
        }
        return asked & burst.flows;
    }

    /** A bit for each packet of these that a backend was found for. */
    private long withBackend(Burst burst, long asked) {
        int now = flows.now();
        long found = 0;
        for (long rest = asked; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            switch (flows.dispatch(burst, i, now)) {
                case NO_BACKEND -> Refusal.answer(burst, i, DropReason.NO_BACKEND);
                case NO_FLOW -> Refusal.answer(burst, i, DropReason.NO_FLOW);
                case TABLE_FULL -> burst.drop(i, DropReason.FLOW_TABLE_FULL);
                case CONFLICT -> burst.drop(i, DropReason.FLOW_CONFLICT);
                case TO_BACKEND -> found |= 1L << i;
                case NOT_A_VIP -> { }
            }
        }
        return found;
    }
}
