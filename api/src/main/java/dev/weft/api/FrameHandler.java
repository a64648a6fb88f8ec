package dev.weft.api;

import java.lang.foreign.MemorySegment;

/** Takes one received Ethernet frame. */
@FunctionalInterface
public interface FrameHandler {

    /**
     * Called on the thread that polls. The frame is the packet buffer itself, not a copy: bytes {@code offset} to
     * {@code offset + length - 1} of {@code memory} may be read (and overwritten) until the call returns, and never after.
     *
     * @param memory the memory that holds the frame and much besides
     * @param offset of the destination MAC, in bytes
     * @param length of the frame without FCS, in bytes
     */
    void onFrame(MemorySegment memory, long offset, int length);
}
