package dev.weft.dpdk.pipeline;

import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.table.Tables;
import dev.weft.ffm.libc.ThreadPriority;

/**
 * Puts the poller's thread before other programs while it carries TCP in bulk, as the kernel's own network stack goes before them: what a
 * stream's ends do on the same cores would otherwise have it wait a third of the time, and they wait for it. TCP's ends get their turn all the
 * same, for the sender stops when its window is full. A flood of datagrams has no window: with priority the poller would leave no time to the
 * program that is to take them, so it gets none for that. For a poller that sleeps when it has nothing to do. Runs behind {@code Transmit}, on the
 * poller's thread; allocates nothing.
 *
 * <p>A nice value is the thread's own (setpriority(2)) and ends with it. Without CAP_SYS_NICE (or RLIMIT_NICE) all stays as it is, after one attempt.
 */
public final class StreamPriority implements Stage, Housekeeping {

    /** Nine times the weight of a thread at nice 0. */
    static final int NICE = -10;
    /** Ticks (100 ms) that it goes on for after the last such burst; the one under way does not count. */
    private static final int BULK_TICKS = 2;
    /** Ticks with such bursts that go by before the first time: two seconds in which the JIT compiler's threads are to have their turn, too. */
    static final int WARM_UP_TICKS = 20;

    private final ThreadPriority priority = new ThreadPriority();
    private boolean raised;
    private boolean refused;
    /** For which it is bulk still; below 0 it is not. */
    private int ticks;
    /** Of the warm-up. */
    private int warmUp = WARM_UP_TICKS;
    /** The nice value to go back to. */
    private int before;

    @Override
    public void process(Burst burst) {
        if (tcpBytes(burst) >= Turns.BULK) {
            ticks = BULK_TICKS;
            if (!raised && !refused && warmUp == 0) {
                raise();
            }
        }
    }

    /**
     * Of what was sent. What was dropped may never have been parsed, as when its ICV was wrong, and then its slot has the protocol of a packet that
     * was there before: nobody is to keep the priority up by garbage.
     */
    private static int tcpBytes(Burst burst) {
        int bytes = 0;
        for (long rest = burst.sends(); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.protocol[i] == IpProtocol.TCP) {
                bytes += burst.length[i];
            }
        }
        return bytes;
    }

    private void raise() {
        before = priority.nice();
        // What is refused once is refused again. A thread that somebody put even further before others stays there.
        refused = before <= NICE || priority.nice(NICE) < 0;
        raised = !refused;
    }

    @Override
    public void tick(Tables tables, long nanos) {
        if (ticks == BULK_TICKS && warmUp > 0) {
            warmUp--;
        }
        ticks = Math.max(ticks - 1, -1);
        if (raised && ticks < 0) {
            raised = false;
            if (priority.nice() == NICE) { // else somebody (renice) has given it another one meanwhile
                priority.nice(before);
            }
        }
    }
}
