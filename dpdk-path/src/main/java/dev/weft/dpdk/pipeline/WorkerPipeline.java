package dev.weft.dpdk.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.YieldingWaitStrategy;
import dev.weft.dpdk.port.Ports;
import java.util.ArrayList;
import java.util.List;

/**
 * Sealing and opening on n threads; the bursts of one direction go to them in turn by a Disruptor ring. The stages before and behind, which
 * own what they change, are the poller's, in the order in which the bursts came. So are ports and pool.
 *
 * <pre>
 *   poller: claim, stages before, publish -> ring -> its worker: ciphers -> poller: drain: stages behind, transmit, in ring order
 * </pre>
 *
 * <p>A burst without anything to seal or open, with none of its direction under way before it, is completed at once. Either direction has
 * half of the ring, so that one whose packets come faster than they are sealed or opened does not keep the other out.
 */
public final class WorkerPipeline implements Pipeline {

    /** Bursts of one direction under way at most. */
    private static final int MOST = 16;
    private static final long NOTHING_CLAIMED = -1;

    private final Lane inbound;
    private final Lane outbound;
    private final Stage transmit;
    private final RingBuffer<Burst> ring;
    /** What the poller has completed. */
    private final Sequence completed = new Sequence();
    /** What each worker has passed, by its number. */
    private final Sequence[] passed;
    private final List<BatchEventProcessor<Burst>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private long claimed = NOTHING_CLAIMED;

    /** One direction, as the poller has it. */
    private static final class Lane {
        private final Stage before;
        /** Of the poller itself, for bursts in which there is nothing to seal or open. */
        private final Stage atOnce;
        private final Stage behind;
        private int underWay;
        private int nextWorker;

        Lane(Way way, int workers) {
            before = StageChain.of(way.before());
            atOnce = way.ciphers().apply(workers);
            behind = StageChain.of(way.behind());
        }
    }

    /**
     * Starts the workers.
     *
     * @param inbound  for packets of the underlay; number n of its ciphers (and of outbound's) is the poller's, which has no keys
     * @param outbound for packets of endpoints
     * @param transmit the last stage of both
     * @param workers  n, how many
     * @param busySpin whether workers have cores of their own
     * @param finished wakes the poller; called by workers
     */
    public WorkerPipeline(Way inbound, Way outbound, Stage transmit, int workers, boolean busySpin, Runnable finished) {
        this.inbound = new Lane(inbound, workers);
        this.outbound = new Lane(outbound, workers);
        this.transmit = transmit;
        ring = RingBuffer.createSingleProducer(Burst::new, 2 * MOST, busySpin ? new YieldingWaitStrategy() : new YieldThenBlock());
        SequenceBarrier published = ring.newBarrier();
        for (int i = 0; i < workers; i++) {
            Worker worker = new Worker(i, inbound.ciphers().apply(i), outbound.ciphers().apply(i), finished);
            processors.add(new BatchEventProcessorBuilder().build(ring, published, worker));
        }
        passed = processors.stream().map(BatchEventProcessor::getSequence).toArray(Sequence[]::new);
        ring.addGatingSequences(completed);
        ring.addGatingSequences(passed);
        for (BatchEventProcessor<Burst> processor : processors) {
            threads.add(Thread.ofPlatform().name("weft-worker-" + threads.size()).daemon().start(processor));
        }
    }

    private Lane lane(int inPort) {
        return Ports.isUnderlay(inPort) ? inbound : outbound;
    }

    @Override
    public Burst claim(int inPort) {
        if (lane(inPort).underWay == MOST) {
            return null;
        }
        if (claimed == NOTHING_CLAIMED) {
            if (!ring.hasAvailableCapacity(1)) {
                return null; // a worker has not yet passed one of another's
            }
            claimed = ring.next();
        }
        return ring.get(claimed);
    }

    @Override
    public void process(Burst burst) {
        Lane lane = lane(burst.inPort);
        boolean whole = false;
        try {
            lane.before.process(burst);
            whole = true;
        } finally {
            if (!whole) {
                burst.fail();
            }
            if (burst.esp == 0 && lane.underWay == 0) {
                completeAtOnce(lane, burst);
            } else {
                handOver(lane, burst);
            }
        }
    }

    private void completeAtOnce(Lane lane, Burst burst) {
        boolean whole = false;
        try {
            if (!burst.hasFailed()) {
                lane.atOnce.process(burst);
            }
            whole = true;
        } finally {
            if (!whole) {
                burst.fail();
            }
            complete(lane, burst);
        }
    }

    private void handOver(Lane lane, Burst burst) {
        burst.worker = lane.nextWorker;
        lane.nextWorker = (lane.nextWorker + 1) % processors.size();
        lane.underWay++;
        ring.publish(claimed);
        claimed = NOTHING_CLAIMED;
    }

    private void complete(Lane lane, Burst burst) {
        try {
            if (!burst.hasFailed()) {
                lane.behind.process(burst);
            }
        } finally {
            transmit.process(burst);
        }
    }

    @Override
    public int drain() {
        int packets = 0;
        for (long next = completed.get() + 1; next <= ring.getCursor(); next++) {
            Burst burst = ring.get(next);
            if (passed[burst.worker].get() < next) {
                break;
            }
            packets += burst.count;
            Lane lane = lane(burst.inPort);
            lane.underWay--;
            try {
                complete(lane, burst);
            } finally {
                completed.set(next);
            }
        }
        return packets;
    }

    @Override
    public void drainAll() {
        while (completed.get() < ring.getCursor()) {
            if (drain() == 0) {
                Thread.yield();
            }
        }
    }

    @Override
    public void close() {
        processors.forEach(BatchEventProcessor::halt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
