package dev.weft.dpdk.port;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.libc.TapDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * An endpoint that is an interface of the kernel: a tap that gives and takes super-frames, so that a system call moves up to 64 kB of
 * a TCP stream, or many datagrams of one length. They end here: the pipeline sees frames that are complete and no longer than the MTU
 * ({@link TapFrames}), and what it gives is put together again as far as it can be ({@link Coalescer}).
 */
public final class TapPort implements Port {

    /** The interface has been removed under us, or its namespace has (drivers/net/tun.c). */
    private static final int EBADFD = 77;
    /** {@code struct iovec}: address and length. */
    private static final int IOVEC = 16;
    /** Few, so that a quiet endpoint does not cost much. */
    private static final int READY = 8;
    /** Frames in a burst that leave no room for another super-frame as a rule: to read it is left to the next round, which asks anyway. */
    private static final int FULL = 2 * Burst.CAPACITY / 3;

    private final String name;
    private final PacketPool pool;
    private final TapDevice tap;
    private final long[] buffers = new long[READY];
    private int ready;
    private final TapFrames waiting = new TapFrames();
    private final Coalescer coalescer;
    private final MemorySegment iovecs = Arena.ofAuto().allocate((long) Burst.CAPACITY * IOVEC, Long.BYTES);
    private final long[] written = new long[Burst.CAPACITY];
    private volatile long sendErrors;
    private volatile boolean gone;

    /** Takes the tap over, which was made with offloads: {@link #close} removes it. */
    public TapPort(String name, PacketPool pool, TapDevice tap) {
        this.name = name;
        this.pool = pool;
        this.tap = tap;
        coalescer = new Coalescer(tap.takesUdpSuperFrames());
    }

    /** True when somebody removed the interface or its namespace; any thread may ask. */
    public boolean isGone() {
        return gone;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<int[]> descriptors() {
        return Optional.of(new int[] {tap.descriptor().number()});
    }

    @Override
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        while (burst.count < Burst.CAPACITY && hasBuffer() && (waiting.hasNext() || burst.count < FULL && read())
                && (burst.count == 0 || waiting.fits(Burst.CAPACITY - burst.count))) {
            long buffer = buffers[--ready];
            long offset = pool.dataOffset(buffer);
            burst.add(buffer, offset, waiting.next(pool.memory(), offset, pool.dataRoom()));
        }
        return burst.count - before;
    }

    private boolean read() {
        int length = tap.read(waiting.memory(), 0, TapFrames.CAPACITY);
        if (length <= VnetHeader.LENGTH) {
            gone = gone || length == -EBADFD;
            return false;
        }
        waiting.begin(length);
        return true;
    }

    private boolean hasBuffer() {
        if (ready == 0) {
            ready = pool.allocate(buffers, buffers.length);
        }
        return ready > 0;
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        coalescer.find(burst, slots, count);
        int done = 0;
        for (int group = 0; group < coalescer.groups(); group++) {
            int result = coalescer.isSuperFrame(group) ? writeTogether(burst, group) : write(burst, coalescer.first(group));
            if (result < 0) {
                // The interface is down or gone, or its queue is full: the frames are lost.
                sendErrors = sendErrors + 1;
            }
            for (int slot = coalescer.first(group); slot != Coalescer.NONE; slot = coalescer.after(slot)) {
                written[done++] = burst.buffer[slot];
            }
        }
        pool.free(written, done);
        return done;
    }

    /** The header goes before the frame, where the packet's outer headers were or might have been ({@link PacketPool#HEADROOM}). */
    private int write(Burst burst, int slot) {
        long offset = burst.offset[slot] - VnetHeader.LENGTH;
        VnetHeader.writeNone(burst.memory(), offset);
        return tap.write(burst.memory(), offset, VnetHeader.LENGTH + burst.length[slot]);
    }

    private int writeTogether(Burst burst, int group) {
        int first = coalescer.first(group);
        int headers = coalescer.headers(group);
        long base = burst.memory().address();
        coalescer.finish(burst, group);
        iovec(0, base + burst.offset[first] - VnetHeader.LENGTH, VnetHeader.LENGTH + burst.length[first]);
        int count = 1;
        for (int slot = coalescer.after(first); slot != Coalescer.NONE; slot = coalescer.after(slot)) {
            iovec(count++, base + burst.offset[slot] + headers, burst.length[slot] - headers);
        }
        return tap.writeGathered(iovecs, count);
    }

    private void iovec(int index, long address, long length) {
        iovecs.set(ValueLayout.JAVA_LONG, (long) index * IOVEC, address);
        iovecs.set(ValueLayout.JAVA_LONG, (long) index * IOVEC + Long.BYTES, length);
    }

    @Override
    public void close() {
        tap.close();
        pool.free(buffers, ready);
        ready = 0;
    }
}
