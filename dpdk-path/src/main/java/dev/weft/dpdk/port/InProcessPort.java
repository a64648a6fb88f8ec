package dev.weft.dpdk.port;

import dev.weft.api.FrameChannel;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wakeup;
import java.util.Optional;

/**
 * An endpoint that is the JVM itself: the poller's side of the {@link FrameRings}. Frames cross as buffers, uncopied, and only
 * this side takes buffers from the pool and gives them back.
 */
public final class InProcessPort implements Port {

    /** Those of 0.1 s, at 10,000 a second. */
    private static final int QUESTIONS = 1_024;

    private final String name;
    private final PacketPool pool;
    private final FrameRings rings;
    private final InProcessChannel channel;
    private final long[] buffers = new long[Burst.CAPACITY];
    private boolean supplied;

    private InProcessPort(String name, PacketPool pool, boolean speaksFirst, FrameRings rings) {
        this.name = name;
        this.pool = pool;
        this.rings = rings;
        supplied = speaksFirst;
        channel = new InProcessChannel(rings);
    }

    /** Of an application. @param maxFrameLength the network's MTU and 14 bytes of Ethernet header @param wakeup of the poller */
    public InProcessPort(String name, PacketPool pool, int maxFrameLength, Wakeup wakeup) {
        this(name, pool, true, new FrameRings(pool.memory(), maxFrameLength, FrameRings.FRAMES, wakeup));
    }

    /**
     * Of the node itself, where it answers questions: buffers to write into are there from the first frame on that is sent to it, and what
     * is asked may wait for longer, because all endpoints of a network share it.
     *
     * @param maxFrameLength the network's MTU and 14 bytes of Ethernet header
     * @param wakeup         of the poller
     */
    public static InProcessPort ofGateway(String name, PacketPool pool, int maxFrameLength, Wakeup wakeup) {
        return new InProcessPort(name, pool, false, new FrameRings(pool.memory(), maxFrameLength, QUESTIONS, wakeup));
    }

    /** What the application gets; the same at each call. */
    public FrameChannel channel() {
        return channel;
    }

    /** The network's MTU has changed; any thread. */
    public void maxFrameLength(int bytes) {
        rings.maxFrameLength = bytes;
    }

    /** Frames that the application could not send because no buffer or no room was there; any thread. */
    public long refused() {
        return rings.refused;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<int[]> descriptors() {
        return Optional.of(new int[0]);
    }

    @Override
    public int receive(Burst burst) {
        free(rings.returned);
        int before = burst.count;
        while (burst.count < Burst.CAPACITY && !rings.submitted.isEmpty()) {
            long place = rings.submitted.second();
            burst.add(rings.submitted.first(), FrameRings.offset(place), FrameRings.length(place));
            rings.submitted.advance();
        }
        if (supplied) {
            supply();
        }
        return burst.count - before;
    }

    /** Keeps the writer in buffers; they are few, so that an endpoint that never sends does not cost much. */
    private void supply() {
        int room = Math.min(rings.spare.room(), buffers.length);
        int allocated = room == 0 ? 0 : pool.allocate(buffers, room);
        for (int i = 0; i < allocated; i++) {
            rings.spare.offer(buffers[i], pool.dataOffset(buffers[i]));
        }
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        supplied = true;
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            if (!rings.delivered.offer(burst.buffer[slot], FrameRings.place(burst.offset[slot], burst.length[slot]))) {
                return i;
            }
        }
        return count;
    }

    /** The channel stays safe to use: nothing more comes, and nothing can be claimed. */
    @Override
    public void close() {
        rings.closed = true;
        reclaim();
    }

    @Override
    public boolean reclaim() {
        boolean readerIsOut = !rings.reading;
        boolean writerIsOut = !rings.writing;
        free(rings.returned);
        free(rings.submitted);
        if (readerIsOut) {
            free(rings.delivered);
        }
        if (writerIsOut) {
            free(rings.spare);
            freeClaim();
        }
        return readerIsOut && writerIsOut;
    }

    private void freeClaim() {
        if (rings.claim != FrameRings.NO_BUFFER) {
            buffers[0] = rings.claim;
            rings.claim = FrameRings.NO_BUFFER;
            pool.free(buffers, 1);
        }
    }

    private void free(SpscRing ring) {
        while (!ring.isEmpty()) {
            int count = 0;
            while (count < buffers.length && !ring.isEmpty()) {
                buffers[count++] = ring.first();
                ring.advance();
            }
            pool.free(buffers, count);
        }
    }
}
