package dev.weft.dpdk.port;

import dev.weft.api.FrameChannel;
import dev.weft.api.FrameHandler;
import java.lang.foreign.MemorySegment;

/** The application's side of the {@link FrameRings}. */
final class InProcessChannel implements FrameChannel {

    private static final int MIN_FRAME_LENGTH = 14;

    private final FrameRings rings;
    private int length;

    InProcessChannel(FrameRings rings) {
        this.rings = rings;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        rings.reading = true;
        try {
            int frames = 0;
            while (frames < limit && !rings.closed && !rings.delivered.isEmpty() && !rings.returned.isFull()) {
                read(handler);
                frames++;
            }
            return frames;
        } finally {
            rings.reading = false;
        }
    }

    private void read(FrameHandler handler) {
        long place = rings.delivered.second();
        try {
            handler.onFrame(rings.memory, FrameRings.offset(place), FrameRings.length(place));
        } finally {
            rings.returned.offer(rings.delivered.first(), 0);
            rings.delivered.advance();
        }
    }

    @Override
    public boolean tryClaim(int frameLength) {
        if (frameLength < MIN_FRAME_LENGTH || frameLength > rings.maxFrameLength) {
            throw new IllegalArgumentException("a frame of " + frameLength + " bytes is out of range; this network takes "
                    + MIN_FRAME_LENGTH + " to " + rings.maxFrameLength);
        }
        if (rings.writing) {
            throw new IllegalStateException("one claim at a time: commit or abort the last one first");
        }
        rings.writing = true;
        boolean open = !rings.closed;
        if (open && !rings.submitted.isFull() && hasBuffer()) {
            length = frameLength;
            return true;
        }
        if (open) {
            rings.refused = rings.refused + 1;
            rings.wakeup.signal(); // the poller has to take frames, or to bring buffers
        }
        rings.writing = false;
        return false;
    }

    private boolean hasBuffer() {
        if (rings.claim == FrameRings.NO_BUFFER && !rings.spare.isEmpty()) {
            rings.claim = rings.spare.first();
            rings.claimOffset = rings.spare.second();
            rings.spare.advance();
        }
        return rings.claim != FrameRings.NO_BUFFER;
    }

    @Override
    public MemorySegment memory() {
        return rings.memory;
    }

    @Override
    public long offset() {
        return rings.claimOffset;
    }

    @Override
    public void commit() {
        checkClaimed();
        rings.submitted.offer(rings.claim, FrameRings.place(rings.claimOffset, length));
        rings.claim = FrameRings.NO_BUFFER;
        rings.writing = false;
        rings.wakeup.signal();
    }

    @Override
    public void abort() {
        checkClaimed();
        rings.writing = false;
    }

    private void checkClaimed() {
        if (!rings.writing) {
            throw new IllegalStateException("nothing is claimed; call tryClaim first");
        }
    }

    @Override
    public int maxFrameLength() {
        return rings.maxFrameLength;
    }
}
