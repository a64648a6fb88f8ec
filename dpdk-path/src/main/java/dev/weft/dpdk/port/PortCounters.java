package dev.weft.dpdk.port;

import dev.weft.api.counter.Counter;
import dev.weft.api.counter.DropReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/** What went through one port, and why packets that came from it were dropped. The poller's thread counts, any thread reads. */
public final class PortCounters {

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final DropReason[] REASONS = DropReason.values();
    private static final int RX_PACKETS = 0;
    private static final int RX_BYTES = 1;
    private static final int TX_PACKETS = 2;
    private static final int TX_BYTES = 3;
    private static final int DROPS = 4;

    private final long[] values = new long[DROPS + REASONS.length];

    /** Packets that the port took in. */
    public void received(int packets, long bytes) {
        add(RX_PACKETS, packets);
        add(RX_BYTES, bytes);
    }

    /** Packets that the port accepted for sending. */
    public void sent(int packets, long bytes) {
        add(TX_PACKETS, packets);
        add(TX_BYTES, bytes);
    }

    /** A packet that came from the port was dropped for the reason of that ordinal. */
    public void dropped(int reason) {
        add(DROPS + reason, 1);
    }

    private void add(int counter, long increment) {
        LONGS.setOpaque(values, counter, values[counter] + increment);
    }

    private long get(int counter) {
        return (long) LONGS.getOpaque(values, counter);
    }

    /** All values, zeroes included. */
    List<Counter> snapshot(String scope) {
        List<Counter> counters = new ArrayList<>(values.length);
        counters.add(new Counter(scope, "rx-packets", get(RX_PACKETS)));
        counters.add(new Counter(scope, "rx-bytes", get(RX_BYTES)));
        counters.add(new Counter(scope, "tx-packets", get(TX_PACKETS)));
        counters.add(new Counter(scope, "tx-bytes", get(TX_BYTES)));
        for (DropReason reason : REASONS) {
            counters.add(new Counter(scope, "drop:" + reason.label(), get(DROPS + reason.ordinal())));
        }
        return counters;
    }
}
