package dev.weft.dpdk.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.SleepingWaitStrategy;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import dev.weft.dpdk.port.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The sealing stage of outbound bursts on n threads, each taking every nth burst of a Disruptor ring. The stages before it and
 * transmit are the poller's, in ring order, so ports and pool have one owner. Inbound bursts stay on the poller.
 *
 * <pre>
 *   poller: claim, outbound stages, publish -> ring -> worker (sequence mod n): sealing -> poller: drain, transmit in order
 * </pre>
 */
public final class WorkerPipeline implements Pipeline {

    /** Bursts under way at most. A power of two. */
    private static final int RING = 16;
    private static final long NOTHING_CLAIMED = -1;
    private static final int SPINS_BEFORE_SLEEP = 200;
    private static final long SLEEP_NANOS = 20_000;

    private final Stage[] inbound;
    private final Stage[] outbound;
    private final Stage transmit;
    private final Burst inboundBurst = new Burst();
    private final RingBuffer<Burst> ring;
    private final Sequence transmitted = new Sequence();
    private final Sequence[] sealed;
    private final List<BatchEventProcessor<Burst>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private long claimed = NOTHING_CLAIMED;

    /**
     * Starts the workers.
     *
     * @param sealing  makes the stage of each worker, by its number
     * @param busySpin whether workers have cores of their own
     */
    public WorkerPipeline(List<Stage> inbound, List<Stage> outbound, IntFunction<Stage> sealing, Stage transmit, int workers, boolean busySpin) {
        this.inbound = inbound.toArray(Stage[]::new);
        this.outbound = outbound.toArray(Stage[]::new);
        this.transmit = transmit;
        WaitStrategy wait = busySpin ? new YieldingWaitStrategy() : new SleepingWaitStrategy(SPINS_BEFORE_SLEEP, SLEEP_NANOS);
        ring = RingBuffer.createSingleProducer(Burst::new, RING, wait);
        ring.addGatingSequences(transmitted);
        SequenceBarrier published = ring.newBarrier();
        for (int i = 0; i < workers; i++) {
            processors.add(worker(published, sealing.apply(i), i, workers));
        }
        sealed = processors.stream().map(BatchEventProcessor::getSequence).toArray(Sequence[]::new);
        for (BatchEventProcessor<Burst> processor : processors) {
            threads.add(Thread.ofPlatform().name("weft-worker-" + threads.size()).daemon().start(processor));
        }
    }

    private BatchEventProcessor<Burst> worker(SequenceBarrier published, Stage sealing, int number, int workers) {
        EventHandler<Burst> everyNth = (burst, sequence, _) -> {
            if (sequence % workers == number) {
                sealing.process(burst);
            }
        };
        BatchEventProcessor<Burst> processor = new BatchEventProcessorBuilder().build(ring, published, everyNth);
        processor.setExceptionHandler(new LeftOpen());
        return processor;
    }

    /** The processor goes on with the next burst; what the stage has not sealed is open still, and Transmit drops and counts it. */
    private static final class LeftOpen implements ExceptionHandler<Burst> {
        @Override
        public void handleEventException(Throwable thrown, long sequence, Burst burst) {
        }

        @Override
        public void handleOnStartException(Throwable thrown) {
        }

        @Override
        public void handleOnShutdownException(Throwable thrown) {
        }
    }

    @Override
    public Burst claim(int inPort) {
        if (Ports.isUnderlay(inPort)) {
            return inboundBurst;
        }
        if (claimed == NOTHING_CLAIMED) {
            if (!ring.hasAvailableCapacity(1)) {
                return null;
            }
            claimed = ring.next();
        }
        return ring.get(claimed);
    }

    @Override
    public void process(Burst burst) {
        if (burst == inboundBurst) {
            try {
                run(inbound, burst);
            } finally {
                transmit.process(burst);
            }
            return;
        }
        boolean whole = false;
        try {
            run(outbound, burst);
            whole = true;
        } finally {
            if (!whole) {
                burst.abandon(); // or a worker would seal what no stage has completed
            }
            ring.publish(claimed);
            claimed = NOTHING_CLAIMED;
        }
    }

    private static void run(Stage[] stages, Burst burst) {
        for (Stage stage : stages) {
            stage.process(burst);
        }
    }

    @Override
    public int drain() {
        long end = Long.MAX_VALUE;
        for (Sequence worker : sealed) {
            end = Math.min(end, worker.get());
        }
        int packets = 0;
        for (long sequence = transmitted.get() + 1; sequence <= end; sequence++) {
            Burst burst = ring.get(sequence);
            packets += burst.count;
            try {
                transmit.process(burst);
            } finally {
                transmitted.set(sequence);
            }
        }
        return packets;
    }

    /** A claimed burst that has not been processed is empty: nothing of it is under way. */
    @Override
    public void drainAll() {
        long last = claimed == NOTHING_CLAIMED ? ring.getCursor() : claimed - 1;
        while (transmitted.get() < last) {
            drain();
            Thread.onSpinWait();
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
