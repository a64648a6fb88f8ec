package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.StageChain;
import dev.weft.dpdk.service.VipErrors;
import dev.weft.dpdk.service.VipFlows;
import java.util.List;

/** Outbound: connections to a VIP go to one of its backends, each to the one it began with; so do ICMP errors about its answers. */
public final class VipDispatch implements Stage {

    private final VipFlows flows;
    private final VipErrors errors;
    /** Several, so that the JIT compiler takes each by itself: what it inlines into one method has an end, and two of them are beyond it. */
    private final Stage passes = StageChain.of(List.of(this::readKeys, this::find, this::goOn, this::begin, this::translate));
    /** A bit for each packet that may be for a VIP. */
    private long asked;
    /** Those that a backend was found for. */
    private long found;

    public VipDispatch(VipFlows flows) {
        this.flows = flows;
        errors = new VipErrors(flows);
    }

    @Override
    public void process(Burst burst) {
        asked = toGateways(burst);
        if (asked != 0) {
            passes.process(burst);
        }
    }

    private void readKeys(Burst burst) {
        flows.readKeys(burst, asked, false);
    }

    private void find(Burst burst) {
        flows.find(asked, flows.now());
    }

    private void translate(Burst burst) {
        flows.translate(burst, found);
    }

    /**
     * A bit for each packet that may be for a VIP: one with ports, or a fragment that begins with them. VIPs have the gateway's MAC, all else is
     * spared the look-up. Errors are few, and done at once.
     */
    private long toGateways(Burst burst) {
        long all = burst.open() & burst.toGateway;
        for (long rest = all & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (VipErrors.isError(burst, i) && errors.dispatch(burst, i, flows.now())) {
                burst.dispatched |= 1L << i;
            }
        }
        return all & burst.flows;
    }

    private void goOn(Burst burst) {
        found = flows.goingOn(burst, asked, flows.now());
    }

    private void begin(Burst burst) {
        if (asked == found) {
            return;
        }
        int now = flows.now();
        for (long rest = asked & ~found; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            VipFlows.Outcome outcome = flows.dispatch(burst, i, now);
            if (outcome == VipFlows.Outcome.TO_BACKEND) {
                found |= 1L << i;
            } else {
                refuse(burst, i, outcome);
            }
        }
    }

    private static void refuse(Burst burst, int i, VipFlows.Outcome outcome) {
        switch (outcome) {
            case NO_BACKEND -> Refusal.answer(burst, i, DropReason.NO_BACKEND);
            case NO_FLOW -> Refusal.answer(burst, i, DropReason.NO_FLOW);
            case TABLE_FULL -> burst.drop(i, DropReason.FLOW_TABLE_FULL);
            case CONFLICT -> burst.drop(i, DropReason.FLOW_CONFLICT);
            case TO_BACKEND, NOT_A_VIP -> { }
        }
    }
}
