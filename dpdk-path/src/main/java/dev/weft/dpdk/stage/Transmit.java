package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.PortCounters;
import dev.weft.dpdk.port.Ports;

/**
 * The last stage, on the poller's thread: sends what is complete, port by port and in order, then frees and counts all the rest.
 * This is the one place where a dropped packet is freed.
 */
public final class Transmit implements Stage {

    private final Ports ports;
    private final PacketPool pool;
    private final int[] slots = new int[Burst.CAPACITY];
    private final long[] dropped = new long[Burst.CAPACITY];

    public Transmit(Ports ports, PacketPool pool) {
        this.ports = ports;
        this.pool = pool;
    }

    @Override
    public void process(Burst burst) {
        long pending = burst.sends();
        while (pending != 0) {
            int port = burst.outPort[Long.numberOfTrailingZeros(pending)];
            int count = 0;
            long bytes = 0;
            long others = 0;
            for (long rest = pending; rest != 0; rest &= rest - 1) {
                int i = Long.numberOfTrailingZeros(rest);
                if (burst.outPort[i] == port) {
                    slots[count++] = i;
                    bytes += burst.length[i];
                } else {
                    others |= 1L << i;
                }
            }
            send(burst, port, count, bytes);
            pending = others;
        }
        freeDropped(burst);
    }

    private void send(Burst burst, int index, int count, long bytes) {
        Port port = ports.get(index);
        int accepted = port == null ? 0 : port.transmit(burst, slots, count);
        DropReason why = port == null ? DropReason.PORT_CLOSED : DropReason.RING_FULL;
        long left = 0;
        for (int i = accepted; i < count; i++) {
            left += burst.length[slots[i]];
            burst.drop(slots[i], why);
        }
        if (accepted > 0) {
            ports.counters(index).sent(accepted, bytes - left);
        }
    }

    private void freeDropped(Burst burst) {
        if (Long.bitCount(burst.sends()) == burst.count) {
            return;
        }
        PortCounters counters = ports.counters(burst.inPort);
        int count = 0;
        for (int i = 0; i < burst.count; i++) {
            if (!burst.isSend(i)) {
                dropped[count++] = burst.buffer[i];
                counters.dropped(burst.reason(i));
            }
        }
        if (count > 0) {
            pool.free(dropped, count);
        }
    }
}
