package dev.weft.dpdk.port;

import dev.weft.ffm.dpdk.DpdkAbi;
import dev.weft.ffm.dpdk.Eal;
import dev.weft.ffm.dpdk.Mbuf;
import dev.weft.ffm.dpdk.MbufLayout;
import dev.weft.ffm.dpdk.Mempool;
import java.lang.foreign.MemorySegment;

/** Packet buffers that DPDK ports take and give: a buffer's handle is the address of its mbuf, offsets are addresses. */
public final class MbufPool implements PacketPool {

    private final Mempool mempool;
    private final DpdkAbi abi;
    private final int dataRoom;
    private final long[] single = new long[1];

    /**
     * @param buffers  how many; one less than a power of two wastes least
     * @param dataRoom bytes of a packet
     */
    public MbufPool(Eal eal, int buffers, int dataRoom) {
        mempool = Mempool.create(eal, buffers, dataRoom);
        abi = eal.abi();
        this.dataRoom = dataRoom;
    }

    /** For queues of DPDK ports. */
    public Mempool mempool() {
        return mempool;
    }

    @Override
    public MemorySegment memory() {
        return Mbuf.memory();
    }

    @Override
    public int dataRoom() {
        return dataRoom;
    }

    /** The ring behind the pool gives all or nothing; near its end buffers are taken one by one. */
    @Override
    public int allocate(long[] buffers, int count) {
        int taken = count <= Mempool.MOST && mempool.take(buffers, count) ? count : takeSingly(buffers, count);
        for (int i = 0; i < taken; i++) {
            Mbuf.reset(buffers[i], abi);
        }
        return taken;
    }

    private int takeSingly(long[] buffers, int count) {
        int taken = 0;
        while (taken < count && mempool.take(single, 1)) {
            buffers[taken++] = single[0];
        }
        return taken;
    }

    @Override
    public void free(long[] buffers, int count) {
        for (int from = 0; from < count; from += Mempool.MOST) {
            mempool.give(buffers, from, Math.min(Mempool.MOST, count - from));
        }
    }

    @Override
    public long dataOffset(long buffer) {
        return Mbuf.buffer(buffer) + MbufLayout.HEADROOM;
    }

    @Override
    public int available() {
        return mempool.available();
    }

    @Override
    public void close() {
        mempool.close();
    }
}
