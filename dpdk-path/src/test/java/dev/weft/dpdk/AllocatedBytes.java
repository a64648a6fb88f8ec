package dev.weft.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the calling thread, and others that work for it, allocate on the heap while it does something. */
final class AllocatedBytes {

    /**
     * Whoever allocates for a packet, a burst or a second does so each time. The JVM does it once: when it hands a method to C2 it first has
     * the thread that runs the method make all String constants of its class, and on a machine with much to do that is many seconds late.
     */
    private static final int ATTEMPTS = 5;

    private AllocatedBytes() {
    }

    /** Does it until it took not a byte, a few times at most. @param work as much as to find what happens once in a million */
    static void assertNone(Runnable work) {
        assertNone(work, List.of());
    }

    /** @param workers what they allocate counts too */
    static void assertNone(Runnable work, List<Thread> workers) {
        long[] ids = workers.stream().mapToLong(Thread::threadId).toArray();
        List<Long> allocated = new ArrayList<>();
        do {
            long before = by(ids);
            long own = by(work);
            allocated.add(own + by(ids) - before);
        } while (allocated.getLast() != 0 && allocated.size() < ATTEMPTS);
        assertEquals(0, allocated.getLast(), "bytes, each time: " + allocated);
    }

    private static long by(long[] threads) {
        return Arrays.stream(((ThreadMXBean) ManagementFactory.getThreadMXBean()).getThreadAllocatedBytes(threads)).sum();
    }

    private static long by(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long empty = threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        long after = threads.getCurrentThreadAllocatedBytes();
        return after - before - (before - empty);
    }
}
