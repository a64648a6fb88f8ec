package dev.weft.dpdk.port;

import dev.weft.api.path.UplinkCapture;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What a DPDK port is given to send and has received, copied on the poller's thread at the last line of ours: no packet socket sees what a
 * NIC under DPDK sends, nor what net_af_packet sends past the kernel's queues. The poller never waits; what finds no room is counted.
 * One thread writes, one reads.
 */
final class PortCapture implements UplinkCapture {

    private static final int SLOTS = 4096;
    private static final long LOOK_AGAIN_NANOS = 500_000;

    private final int longest;
    /** On the heap: the poller may be at its last packet when the reader closes it. */
    private final byte[] packets;
    private final int[] lengths = new int[SLOTS];
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private final Consumer<PortCapture> end;

    /**
     * @param longest bytes of a frame; of a longer one nothing is kept
     * @param end     after it no more packets come; idempotent
     */
    PortCapture(int longest, Consumer<PortCapture> end) {
        this.longest = longest;
        this.packets = new byte[SLOTS * longest];
        this.end = end;
    }

    /** The poller's: packets of the burst, from the front of the list of slots. */
    void add(Burst burst, int[] slots, int count) {
        for (int i = 0; i < count; i++) {
            add(burst.memory(), burst.offset[slots[i]], burst.length[slots[i]]);
        }
    }

    /** The poller's. */
    void add(MemorySegment memory, long offset, int length) {
        long next = written.getPlain();
        if (next - read.getAcquire() == SLOTS || length > longest) {
            missed.setOpaque(missed.getPlain() + 1);
            return;
        }
        int slot = (int) (next % SLOTS);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, packets, slot * longest, length);
        lengths[slot] = length;
        written.setRelease(next + 1);
    }

    @Override
    public int poll(Handler handler, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        int count = 0;
        while (true) {
            long next = read.getPlain();
            if (next < written.getAcquire()) {
                int slot = (int) (next % SLOTS);
                handler.packet(MemorySegment.ofArray(packets).asSlice((long) slot * longest, lengths[slot]));
                read.setRelease(next + 1);
                count++;
            } else if (System.nanoTime() - deadline >= 0) {
                return count;
            } else {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        }
    }

    @Override
    public long missed() {
        return missed.getOpaque();
    }

    @Override
    public void close() {
        end.accept(this);
    }
}
