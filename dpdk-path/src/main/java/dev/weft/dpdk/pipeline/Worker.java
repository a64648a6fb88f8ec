package dev.weft.dpdk.pipeline;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.Sequence;
import dev.weft.dpdk.port.Ports;

/** Seals and opens the packets of the bursts that are its own, passes the others by, and says of each that it has passed it. */
final class Worker implements EventHandler<Burst> {

    private final int number;
    private final Stage inbound;
    private final Stage outbound;
    private final Runnable passed;
    private Sequence progress;

    /** @param passed told after each burst; cheap */
    Worker(int number, Stage inbound, Stage outbound, Runnable passed) {
        this.number = number;
        this.inbound = inbound;
        this.outbound = outbound;
        this.passed = passed;
    }

    /** The processor tells its progress when it has passed all that there was; who waits for the first of it would wait too long. */
    @Override
    public void setSequenceCallback(Sequence sequence) {
        progress = sequence;
    }

    @Override
    public void onEvent(Burst burst, long sequence, boolean endOfBatch) {
        if (burst.worker == number && !burst.hasFailed()) {
            process(burst);
        }
        progress.set(sequence);
        passed.run();
    }

    /** What a stage that throws has not completed is open still, and is dropped and counted in the end. */
    private void process(Burst burst) {
        try {
            (Ports.isUnderlay(burst.inPort) ? inbound : outbound).process(burst);
        } catch (RuntimeException | Error _) {
            burst.fail();
        }
    }
}
