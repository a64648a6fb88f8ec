package dev.weft.dpdk.port;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Packet buffers in one piece of off-heap memory, for data paths without DPDK. A buffer's handle is where it begins; the free
 * ones are a stack, so that the one used last, still in the cache, is used next.
 *
 * <p>The memory goes when nobody can reach it any more: a reader that is late in a closed frame channel reads an old frame, and
 * never somebody else's memory.
 */
public final class ArenaPool implements PacketPool {

    private static final int CACHE_LINE = 64;
    private static final VarHandle FREE;

    static {
        try {
            FREE = MethodHandles.lookup().findVarHandle(ArenaPool.class, "free", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MemorySegment memory;
    private final int dataRoom;
    private final long[] stack;
    @SuppressWarnings("unused") // through FREE: one thread writes, any may ask
    private int free;

    /**
     * @param buffers  how many
     * @param dataRoom bytes of a packet, at least
     */
    public ArenaPool(int buffers, int dataRoom) {
        int size = HEADROOM + dataRoom + CACHE_LINE - 1 & -CACHE_LINE;
        this.dataRoom = size - HEADROOM;
        memory = Arena.ofAuto().allocate((long) buffers * size, CACHE_LINE);
        stack = new long[buffers];
        for (int i = 0; i < buffers; i++) {
            stack[i] = (long) (buffers - 1 - i) * size;
        }
        FREE.setOpaque(this, buffers);
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public int dataRoom() {
        return dataRoom;
    }

    @Override
    public int allocate(long[] buffers, int count) {
        int before = available();
        int taken = Math.min(count, before);
        for (int i = 0; i < taken; i++) {
            buffers[i] = stack[before - 1 - i];
        }
        FREE.setOpaque(this, before - taken);
        return taken;
    }

    @Override
    public void free(long[] buffers, int count) {
        int before = available();
        System.arraycopy(buffers, 0, stack, before, count);
        FREE.setOpaque(this, before + count);
    }

    @Override
    public long dataOffset(long buffer) {
        return buffer + HEADROOM;
    }

    @Override
    public int available() {
        return (int) FREE.getOpaque(this);
    }

    @Override
    public void close() {
        // The garbage collector frees the memory.
    }
}
