package dev.weft.kernel;

import dev.weft.api.FrameChannel;
import dev.weft.api.FrameHandler;
import dev.weft.ffm.libc.TapDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The frames of an in-process endpoint: a tap that is a port of the network's bridge. The kernel copies each frame once, into
 * or out of this buffer; there is no way round that. The locks only matter when the endpoint goes while somebody is at it.
 */
final class KernelFrames implements FrameChannel, AutoCloseable {

    private static final int ETHERNET_HEADER = 14;
    private static final int CACHE_LINE = 64;

    private final TapDevice tap;
    private final int maxFrameLength;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory;
    private final long sendOffset;
    private final Object receiving = new Object();
    private final Object sending = new Object();
    private int claimed;
    private long ringFull;
    private boolean closedForReceive;
    private boolean closedForSend;

    KernelFrames(TapDevice tap, int mtu) {
        this.tap = tap;
        this.maxFrameLength = mtu + ETHERNET_HEADER;
        this.sendOffset = maxFrameLength + CACHE_LINE - 1 & -CACHE_LINE;
        this.memory = arena.allocate(sendOffset + maxFrameLength, CACHE_LINE);
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        synchronized (receiving) {
            int handled = 0;
            while (handled < limit && !closedForReceive) {
                int length = tap.read(memory, 0, maxFrameLength);
                if (length <= 0) {
                    break;
                }
                handler.onFrame(memory, 0, length);
                handled++;
            }
            return handled;
        }
    }

    @Override
    public boolean tryClaim(int length) {
        if (length < ETHERNET_HEADER || length > maxFrameLength) {
            throw new IllegalArgumentException("a frame has " + ETHERNET_HEADER + " to " + maxFrameLength + " bytes, asked for " + length);
        }
        synchronized (sending) {
            claimed = closedForSend ? 0 : length;
            return claimed != 0;
        }
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long offset() {
        return sendOffset;
    }

    @Override
    public void commit() {
        synchronized (sending) {
            if (claimed != 0 && !closedForSend && tap.write(memory, sendOffset, claimed) < 0) {
                ringFull++;
            }
            claimed = 0;
        }
    }

    @Override
    public void abort() {
        synchronized (sending) {
            claimed = 0;
        }
    }

    @Override
    public int maxFrameLength() {
        return maxFrameLength;
    }

    /** Frames that the kernel did not take. */
    long ringFull() {
        synchronized (sending) {
            return ringFull;
        }
    }

    @Override
    public void close() {
        synchronized (receiving) {
            closedForReceive = true;
            synchronized (sending) {
                closedForSend = true;
                tap.close();
            }
        }
    }
}
