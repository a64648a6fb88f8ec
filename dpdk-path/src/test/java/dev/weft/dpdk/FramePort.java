package dev.weft.dpdk;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.testing.Packet;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** A port that receives prepared frames, each changed by a function, and counts and frees what is sent through it. */
final class FramePort implements Port {

    private final String name;
    private final PacketPool pool;
    private final List<byte[]> frames;
    private final UnaryOperator<byte[]> change;
    private final long[] buffers = new long[Burst.CAPACITY];
    private long left;
    private long delivered;
    private int next;

    FramePort(String name, PacketPool pool, List<byte[]> frames, UnaryOperator<byte[]> change) {
        this.name = name;
        this.pool = pool;
        this.frames = frames;
        this.change = change;
    }

    /** Frames of a resource beside this class. */
    static List<byte[]> frames(String resource) throws IOException {
        try (InputStream text = FramePort.class.getResourceAsStream(resource)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#"))
                    .map(line -> Packet.bytes(line.substring(line.lastIndexOf('=') + 1))).toList();
        }
    }

    /** How many frames it shall still receive. */
    void feed(long count) {
        left = count;
    }

    long delivered() {
        return delivered;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int receive(Burst burst) {
        int count = pool.allocate(buffers, (int) Math.min(left, Burst.CAPACITY));
        for (int i = 0; i < count; i++) {
            byte[] frame = change.apply(frames.get(next++ % frames.size()));
            long offset = pool.dataOffset(buffers[i]);
            MemorySegment.copy(frame, 0, pool.memory(), ValueLayout.JAVA_BYTE, offset, frame.length);
            burst.add(buffers[i], offset, frame.length);
        }
        left -= count;
        return count;
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        for (int i = 0; i < count; i++) {
            buffers[i] = burst.buffer[slots[i]];
        }
        pool.free(buffers, count);
        delivered += count;
        return count;
    }

    @Override
    public void close() {
    }
}
