package dev.weft.dpdk;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** A port that receives what a test puts there, and keeps what is sent through it. */
final class WirePort implements Port {

    final Queue<byte[]> incoming = new ArrayDeque<>();
    final List<byte[]> sent = new ArrayList<>();

    private final String name;
    private final PacketPool pool;
    private final long[] one = new long[1];

    WirePort(String name, PacketPool pool) {
        this.name = name;
        this.pool = pool;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        while (!incoming.isEmpty() && burst.count < Burst.CAPACITY && pool.allocate(one, 1) == 1) {
            byte[] frame = incoming.remove();
            long offset = pool.dataOffset(one[0]);
            MemorySegment.copy(frame, 0, pool.memory(), ValueLayout.JAVA_BYTE, offset, frame.length);
            burst.add(one[0], offset, frame.length);
        }
        return burst.count - before;
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        for (int i = 0; i < count; i++) {
            sent.add(burst.memory().asSlice(burst.offset[slots[i]], burst.length[slots[i]]).toArray(ValueLayout.JAVA_BYTE));
            one[0] = burst.buffer[slots[i]];
            pool.free(one, 1);
        }
        return count;
    }

    @Override
    public void close() {
    }
}
