package dev.weft.api;

import java.lang.foreign.MemorySegment;

/**
 * The two rings between an in-process endpoint and its network, without a copy. One thread may poll and one may send at a
 * time; they may be the same. Neither ever blocks. When the endpoint is detached no frame comes any more, and nothing can be claimed.
 */
public interface FrameChannel {

    /**
     * Hands received frames to the handler, oldest first.
     *
     * @param limit at most this many, 1 or more
     * @return how many were handed over; 0 when none waits
     */
    int poll(FrameHandler handler, int limit);

    /**
     * Claims a packet buffer to write a frame into. On success {@link #memory} and {@link #offset} say where, until
     * {@link #commit} or {@link #abort}; one claim at a time.
     *
     * @param length of the frame, 14 to {@link #maxFrameLength()} bytes without FCS
     * @return false when no buffer is free or the ring is full (try again later; counted as {@code ring-full})
     * @throws IllegalArgumentException if the length is out of range
     * @throws IllegalStateException    if there is a claim already
     */
    boolean tryClaim(int length);

    /** The memory that holds the claimed buffer. */
    MemorySegment memory();

    /** Where the claimed frame begins in {@link #memory}. */
    long offset();

    /** Sends the claimed frame. @throws IllegalStateException if nothing is claimed */
    void commit();

    /** Gives the claimed buffer back unsent. @throws IllegalStateException if nothing is claimed */
    void abort();

    /** The network's MTU and 14 bytes of Ethernet header, in bytes without FCS. */
    int maxFrameLength();
}
