package dev.weft.dpdk.port;

import java.lang.foreign.MemorySegment;

/** Packet buffers of one size in one memory. Used by the poller's thread alone. */
public interface PacketPool extends AutoCloseable {

    /** Bytes before a fresh packet: room for 70 bytes of encapsulation, ESP, and alignment. DPDK's RTE_PKTMBUF_HEADROOM. */
    int HEADROOM = 128;

    /** The memory that all offsets of the pool are in. */
    MemorySegment memory();

    /** Bytes that a packet may have from {@link #dataOffset}. */
    int dataRoom();

    /**
     * Takes buffers out of the pool.
     *
     * @return how many there were, at most {@code count}; they stand at the front of {@code buffers}
     */
    int allocate(long[] buffers, int count);

    /** Puts buffers back. */
    void free(long[] buffers, int count);

    /** Where a fresh packet in this buffer begins: {@link #HEADROOM} bytes behind the buffer's start. */
    long dataOffset(long buffer);

    /** Buffers that are free now; any thread may ask, the answer may be old. */
    int available();

    @Override
    void close();
}
