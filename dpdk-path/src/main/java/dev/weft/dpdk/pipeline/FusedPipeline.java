package dev.weft.dpdk.pipeline;

import dev.weft.dpdk.port.Ports;
import java.util.List;

/** All stages to completion on the poller's thread, while the packets are in its cache. */
public final class FusedPipeline implements Pipeline {

    private final Stage inbound;
    private final Stage outbound;
    private final Stage transmit;
    private final Burst burst = new Burst();

    /**
     * @param inbound  for packets of the underlay
     * @param outbound for packets of endpoints
     * @param transmit the last stage of both
     */
    public FusedPipeline(List<Stage> inbound, List<Stage> outbound, Stage transmit) {
        this.inbound = StageChain.of(inbound);
        this.outbound = StageChain.of(outbound);
        this.transmit = transmit;
    }

    @Override
    public Burst claim(int inPort) {
        return burst;
    }

    /** A stage that throws leaves its packets open; they are dropped and counted as unfinished before the exception goes on. */
    @Override
    public void process(Burst claimed) {
        try {
            if (Ports.isUnderlay(claimed.inPort)) {
                inbound.process(claimed);
            } else {
                outbound.process(claimed);
            }
        } finally {
            transmit.process(claimed);
        }
    }

    @Override
    public int drain() {
        return 0;
    }

    @Override
    public void drainAll() {
        // Nothing is ever under way between two calls.
    }

    @Override
    public void close() {
        // Nothing to stop.
    }
}
