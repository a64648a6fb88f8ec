package dev.weft.api;

/**
 * How the stages of the user-space data paths run.
 *
 * @param workers        0: fused, all stages to completion on the poller's thread; n: sealing and opening on n more threads, in order
 * @param busySpin       true for a core of its own; false: spin, yield, then sleep
 * @param queues         of a DPDK uplink: packets are received by as many, a flow's by one; sockets have one and ignore it
 * @param streamPriority of the socket path: true: the poller's thread has nice -10 while it carries TCP in bulk, where it may (CAP_SYS_NICE), but for
 *                       the first two seconds of that, and not with {@code busySpin}; false: no thread's nice value is changed
 */
public record PipelineSpec(int workers, boolean busySpin, int queues, boolean streamPriority) {

    private static final int MAX_WORKERS = 64;
    private static final int MAX_QUEUES = 64;

    /** Fused, and polite on a shared machine. */
    public static final PipelineSpec DEFAULT = new PipelineSpec(0, false);

    public PipelineSpec {
        if (workers < 0 || workers > MAX_WORKERS) {
            throw new WeftException.InvalidSpec(workers + " pipeline workers are out of range; take 0 (fused) to " + MAX_WORKERS);
        }
        if (queues < 1 || queues > MAX_QUEUES) {
            throw new WeftException.InvalidSpec(queues + " queues are out of range; take 1 to " + MAX_QUEUES);
        }
    }

    /** With one queue, and priority for streams. */
    public PipelineSpec(int workers, boolean busySpin) {
        this(workers, busySpin, 1);
    }

    /** With priority for streams. */
    public PipelineSpec(int workers, boolean busySpin, int queues) {
        this(workers, busySpin, queues, true);
    }

    public PipelineSpec withStreamPriority(boolean other) {
        return new PipelineSpec(workers, busySpin, queues, other);
    }
}
