package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.port.Port;
import dev.weft.dpdk.port.PortCounters;
import dev.weft.dpdk.port.Ports;
import java.util.stream.IntStream;

/**
 * The last stage, on the poller's thread: sends what is complete, port by port and in order, then frees and counts all the rest.
 * This is the one place where a dropped packet is freed.
 */
public final class Transmit implements Stage {

    /** Of a burst that leaves through one port as it is. */
    private static final int[] ALL = IntStream.range(0, Burst.CAPACITY).toArray();

    private final Ports ports;
    private final PacketPool pool;
    private final int[] some = new int[Burst.CAPACITY];
    private final long[] dropped = new long[Burst.CAPACITY];

    public Transmit(Ports ports, PacketPool pool) {
        this.ports = ports;
        this.pool = pool;
    }

    @Override
    public void process(Burst burst) {
        if (burst.count > 0 && Long.bitCount(burst.sends()) == burst.count && isOnlyPort(burst, burst.outPort[0])) {
            send(burst, burst.outPort[0], ALL, burst.count, bytes(burst));
        } else {
            sendByPort(burst);
        }
        freeDropped(burst);
    }

    /** Mostly it is; this and the sum of the lengths are loops without a branch, some instructions for eight slots. */
    private static boolean isOnlyPort(Burst burst, int port) {
        int differences = 0;
        for (int i = 0; i < burst.count; i++) {
            differences |= burst.outPort[i] ^ port;
        }
        return differences == 0;
    }

    private static int bytes(Burst burst) {
        int bytes = 0;
        for (int i = 0; i < burst.count; i++) {
            bytes += burst.length[i];
        }
        return bytes;
    }

    private void sendByPort(Burst burst) {
        long pending = burst.sends();
        while (pending != 0) {
            int port = burst.outPort[Long.numberOfTrailingZeros(pending)];
            int count = 0;
            long bytes = 0;
            long others = 0;
            for (long rest = pending; rest != 0; rest &= rest - 1) {
                int i = Long.numberOfTrailingZeros(rest);
                if (burst.outPort[i] == port) {
                    some[count++] = i;
                    bytes += burst.length[i];
                } else {
                    others |= 1L << i;
                }
            }
            send(burst, port, some, count, bytes);
            pending = others;
        }
    }

    private void send(Burst burst, int index, int[] slots, int count, long bytes) {
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
