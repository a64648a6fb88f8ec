package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.MemorySegment;

/**
 * What a burst's packets are looked up by in a {@link FlowTable}, read in a loop of its own: in one with the look-ups each packet's would wait
 * for the one's before, as the processor has no room for the instructions of two. The poller's thread's.
 *
 * <pre>
 *   tuple | source, high low | destination, high low | - | - | -     eight longs a packet, in one array whose end is compared with once
 * </pre>
 */
final class FlowKeys {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int STRIDE_BITS = 3;
    private static final int SOURCE = 1;
    private static final int DESTINATION = 3;

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
            hashes[i] = read(burst.memory(), burst.at(i) + IP, burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4, i,
                    FlowTable.tuple(vni, burst.protocol[i], reply ? Integer.rotateLeft(ports, Short.SIZE) : ports));
        }
    }

    private long read(MemorySegment memory, long ip, boolean ipv4, int i, long tuple) {
        long sourceHigh = ipv4 ? 0 : Ipv6Header.sourceHigh(memory, ip);
        long sourceLow = ipv4 ? AddressBits.lowOfIpv4(Ipv4Header.source(memory, ip)) : Ipv6Header.sourceLow(memory, ip);
        long destinationHigh = ipv4 ? 0 : Ipv6Header.destinationHigh(memory, ip);
        long destinationLow = ipv4 ? AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip)) : Ipv6Header.destinationLow(memory, ip);
        int at = i << STRIDE_BITS;
        keys[at] = tuple;
        keys[at + SOURCE] = sourceHigh;
        keys[at + SOURCE + 1] = sourceLow;
        keys[at + DESTINATION] = destinationHigh;
        keys[at + DESTINATION + 1] = destinationLow;
        return FlowTable.hash(tuple, sourceHigh, sourceLow, destinationHigh, destinationLow);
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
