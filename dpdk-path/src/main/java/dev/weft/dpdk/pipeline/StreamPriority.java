package dev.weft.dpdk.pipeline;

import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.ThreadPriority;

/**
 * Puts the poller's thread before other programs while it carries TCP in bulk, as the kernel's own network stack goes before them: what a
 * stream's ends do on the same cores would otherwise have it wait a third of the time, and they wait for it. TCP's ends get their turn all the
 * same, for the sender stops when its window is full. A flood of datagrams has no window: with priority the poller would leave no time to the
 * program that is to take them, so it gets none for that. Runs behind {@code Transmit}, on the poller's thread; allocates nothing.
 */
public final class StreamPriority implements Stage, Housekeeping {

    /** Nine times the weight of a thread at nice 0. */
    static final int NICE = -10;
    /** Bytes of one burst: a good part of a super-frame. */
    private static final int BULK = 16_384;
    /** Ticks (100 ms) that it counts. */
    private static final int BULK_TICKS = 2;

    private final ThreadPriority priority = new ThreadPriority();
    private boolean raised;
    private boolean refused;
    private int ticks;
    /** The nice value to go back to. */
    private int before;

    @Override
    public void process(Burst burst) {
        if (burst.count > 0 && burst.protocol[0] == IpProtocol.TCP && bytes(burst) >= BULK) {
            ticks = BULK_TICKS;
            if (!raised && !refused) {
                raise();
            }
        }
    }

    private static int bytes(Burst burst) {
        int bytes = 0;
        for (int i = 0; i < burst.count; i++) {
            bytes += burst.length[i];
        }
        return bytes;
    }

    private void raise() {
        before = priority.nice();
        // Without CAP_SYS_NICE it stays as it is, and that will not change. One that somebody put even further before others stays there.
        refused = before <= NICE || priority.nice(NICE) < 0;
        raised = !refused;
    }

    @Override
    public void tick(Tables tables, long nanos) {
        if (raised && --ticks < 0) {
            priority.nice(before);
            raised = false;
        }
    }
}
