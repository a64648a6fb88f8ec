package dev.weft.dpdk.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.LiteBlockingWaitStrategy;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;

/** How a worker waits on a shared machine: it gives the core to who wants it, and after a while sleeps until there is a burst. */
final class YieldThenBlock implements WaitStrategy {

    private static final int YIELDS = 20;

    private final WaitStrategy blocking = new LiteBlockingWaitStrategy();

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException {
        for (int i = 0; i < YIELDS; i++) {
            long available = dependent.get();
            if (available >= sequence) {
                return available;
            }
            barrier.checkAlert();
            Thread.yield();
        }
        try {
            return blocking.waitFor(sequence, cursor, dependent, barrier);
        } catch (com.lmax.disruptor.TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void signalAllWhenBlocking() {
        blocking.signalAllWhenBlocking();
    }
}
