package dev.weft.dpdk.service;

import dev.weft.api.wire.BigEndian;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;

/**
 * What a burst's packets are looked up by in a {@link FlowTable}, read in a loop of its own: in one with the look-ups each packet's would wait
 * for the one's before, as the processor has no room for the instructions of two. The poller's thread's.
 *
 * <pre>
 *   tuple | source, high low | destination, high low | - | - | -     eight longs a packet, in one array whose end is compared with once
 * </pre>
 */
final class FlowKeys {

    private static final int STRIDE_BITS = 3;
    private static final int SOURCE = 1;
    private static final int DESTINATION = 3;

    private final FlowAddresses packet = new FlowAddresses();
    private final long[] keys = new long[Burst.CAPACITY << STRIDE_BITS];

    /**
     * Reads packets (parsed, with a transport header).
     *
     * @param slots  a bit for each
     * @param reply  whether they are backends' answers, whose tuple is that of the client's packets
     * @param hashes where {@link FlowTable#hash} of each key goes
     */
    void read(Burst burst, long slots, boolean reply, long[] hashes) {
        Tables tables = burst.tables;
        int network = Burst.NONE;
        int vni = 0;
        for (long rest = slots; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.network[i] != network) {
                network = burst.network[i];
                vni = tables.vni(network);
            }
            int ports = BigEndian.getInt(burst.memory(), burst.transport(i));
            hashes[i] = read(burst, i, FlowTable.tuple(vni, burst.protocol[i], reply ? Integer.rotateLeft(ports, Short.SIZE) : ports));
        }
    }

    private long read(Burst burst, int i, long tuple) {
        packet.read(burst, i);
        int at = i << STRIDE_BITS;
        keys[at] = tuple;
        keys[at + SOURCE] = packet.sourceHigh;
        keys[at + SOURCE + 1] = packet.sourceLow;
        keys[at + DESTINATION] = packet.destinationHigh;
        keys[at + DESTINATION + 1] = packet.destinationLow;
        return FlowTable.hash(tuple, packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow);
    }

    long tuple(int i) {
        return keys[i << STRIDE_BITS];
    }

    long sourceHigh(int i) {
        return keys[(i << STRIDE_BITS) + SOURCE];
    }

    long sourceLow(int i) {
        return keys[(i << STRIDE_BITS) + SOURCE + 1];
    }

    long destinationHigh(int i) {
        return keys[(i << STRIDE_BITS) + DESTINATION];
    }

    long destinationLow(int i) {
        return keys[(i << STRIDE_BITS) + DESTINATION + 1];
    }
}
