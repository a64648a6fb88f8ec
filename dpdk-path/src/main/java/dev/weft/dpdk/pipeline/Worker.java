package dev.weft.dpdk.pipeline;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.Sequence;
import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.port.Ports;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Seals and opens the packets of the bursts that are its own, passes the others by, and says of each that it has passed it. */
final class Worker implements EventHandler<Burst> {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final int number;
    private final Stage inbound;
    private final Stage outbound;
    private final Runnable passed;
    private Sequence progress;
    private boolean failed;

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
        } catch (RuntimeException | Error e) {
            burst.fail();
            if (!failed) {
                failed = true;
                LOG.error("worker {} of the packet path failed; it goes on, the packets of bursts in which it fails are dropped as {}", number,
                        DropReason.UNFINISHED, e);
            }
        }
    }
}
