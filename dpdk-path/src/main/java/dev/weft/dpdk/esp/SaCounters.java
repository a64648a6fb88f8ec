package dev.weft.dpdk.esp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What went through an SA. The poller's thread counts, any thread reads. */
abstract class SaCounters {

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int PACKETS = 0;
    private static final int BYTES = 1;
    private static final int SEQUENCE = 2;
    private static final int COUNTERS = 3;

    private final long[] values = new long[COUNTERS];

    SaCounters(long sequence) {
        LONGS.setOpaque(values, SEQUENCE, sequence);
    }

    /** @param bytes of encrypted payload, trailer included */
    final void count(long packets, long bytes, long sequence) {
        LONGS.setOpaque(values, PACKETS, values[PACKETS] + packets);
        LONGS.setOpaque(values, BYTES, values[BYTES] + bytes);
        LONGS.setOpaque(values, SEQUENCE, sequence);
    }

    /** Since it was installed. */
    public final long packets() {
        return (long) LONGS.getOpaque(values, PACKETS);
    }

    /** Since it was installed. */
    public final long bytes() {
        return (long) LONGS.getOpaque(values, BYTES);
    }

    /** The highest one sent, or received and authentic; 0: none. */
    public final long sequence() {
        return (long) LONGS.getOpaque(values, SEQUENCE);
    }
}
