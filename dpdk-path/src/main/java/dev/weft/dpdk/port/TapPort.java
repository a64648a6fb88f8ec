package dev.weft.dpdk.port;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.TapDevice;

/**
 * An endpoint that is an interface of the kernel: a tap, read and written straight from and into packet buffers. It offers no
 * offloads, so the kernel hands over finished frames: checksums filled in, nothing longer than the MTU.
 */
public final class TapPort implements Port {

    /** The interface has been removed under us, or its namespace has (drivers/net/tun.c). */
    private static final int EBADFD = 77;
    /** Few, so that a quiet endpoint does not cost much. */
    private static final int READY = 8;

    private final String name;
    private final PacketPool pool;
    private final TapDevice tap;
    private final long[] buffers = new long[READY];
    private int ready;
    private final long[] written = new long[Burst.CAPACITY];
    private volatile long sendErrors;
    private volatile boolean gone;

    /** Takes the tap over: {@link #close} removes it. */
    public TapPort(String name, PacketPool pool, TapDevice tap) {
        this.name = name;
        this.pool = pool;
        this.tap = tap;
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
    public Framing framing() {
        return Framing.ETHERNET;
    }

    @Override
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        while (burst.count < Burst.CAPACITY && hasBuffer()) {
            long buffer = buffers[ready - 1];
            long offset = pool.dataOffset(buffer);
            int length = tap.read(pool.memory(), offset, pool.dataRoom());
            if (length <= 0) {
                gone = gone || length == -EBADFD;
                break;
            }
            ready--;
            burst.add(buffer, offset, length);
        }
        return burst.count - before;
    }

    private boolean hasBuffer() {
        if (ready == 0) {
            ready = pool.allocate(buffers, buffers.length);
        }
        return ready > 0;
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        int done = 0;
        while (done < count) {
            int slot = slots[done];
            int result = tap.write(burst.memory, burst.offset[slot], burst.length[slot]);
            if (result == -Errno.EAGAIN.number()) {
                break;
            }
            if (result < 0) {
                // The interface is down or gone: the frame is lost.
                sendErrors = sendErrors + 1;
            }
            written[done++] = burst.buffer[slot];
        }
        pool.free(written, done);
        return done;
    }

    @Override
    public void close() {
        tap.close();
        pool.free(buffers, ready);
        ready = 0;
    }
}
