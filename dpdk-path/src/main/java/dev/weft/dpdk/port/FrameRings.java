package dev.weft.dpdk.port;

import dev.weft.dpdk.pipeline.Wakeup;
import java.lang.foreign.MemorySegment;

/**
 * What an in-process endpoint and the poller share. A frame is a buffer's handle and where it lies in the pool's memory; only
 * those two longs travel.
 *
 * <pre>
 *              delivered  (frames)           ->  reader
 *   poller     returned   (read buffers)     <-  reader
 *              spare      (empty buffers)    ->  writer
 *              submitted  (frames)           <-  writer
 * </pre>
 *
 * Reader and writer announce themselves before they touch anything, and look whether the rings are closed after; the poller
 * closes first and looks for them after. So one of the two always sees the other, and what nobody holds can be taken back.
 */
final class FrameRings {

    /** Frames that wait for a reader, unless it is said otherwise. */
    static final int FRAMES = 256;
    private static final int SPARE = 64;
    /** A frame's length, with room for super-frames. User-space addresses have 47 bits. */
    private static final int LENGTH_BITS = 17;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;

    static final long NO_BUFFER = -1;

    final MemorySegment memory;
    final SpscRing delivered;
    final SpscRing returned;
    final SpscRing spare = new SpscRing(SPARE);
    final SpscRing submitted = new SpscRing(FRAMES);

    volatile int maxFrameLength;
    volatile boolean closed;
    volatile boolean reading;
    volatile boolean writing;
    /** The writer's while {@link #writing}, else the poller's once closed: the buffer claimed, or one that an abort left for the next claim. */
    long claim = NO_BUFFER;
    long claimOffset;
    /** Frames that found no buffer or no room; the writer counts. */
    volatile long refused;

    /** Of the poller, which may sleep when the writer has something for it. */
    final Wakeup wakeup;

    /** @param waiting frames that may wait for the reader, a power of two */
    FrameRings(MemorySegment memory, int maxFrameLength, int waiting, Wakeup wakeup) {
        delivered = new SpscRing(waiting);
        returned = new SpscRing(2 * waiting);
        this.memory = memory;
        this.wakeup = wakeup;
        this.maxFrameLength = maxFrameLength;
    }

    static long place(long offset, int length) {
        return offset << LENGTH_BITS | length;
    }

    static long offset(long place) {
        return place >>> LENGTH_BITS;
    }

    static int length(long place) {
        return (int) place & LENGTH_MASK;
    }
}
