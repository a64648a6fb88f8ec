package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/** The addresses of the packet that is looked at, of either family as 128 bits. The poller's thread's. */
final class FlowAddresses {

    private static final int IP = EthernetHeader.LENGTH;

    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;

    /** @param i a parsed IP packet */
    void read(Burst burst, int i) {
        read(burst.memory(), burst.at(i) + IP, burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4);
    }

    /** @param ip where an IP header is */
    void read(MemorySegment memory, long ip, boolean ipv4) {
        if (ipv4) {
            sourceHigh = 0;
            sourceLow = AddressBits.lowOfIpv4(Ipv4Header.source(memory, ip));
            destinationHigh = 0;
            destinationLow = AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip));
        } else {
            sourceHigh = Ipv6Header.sourceHigh(memory, ip);
            sourceLow = Ipv6Header.sourceLow(memory, ip);
            destinationHigh = Ipv6Header.destinationHigh(memory, ip);
            destinationLow = Ipv6Header.destinationLow(memory, ip);
        }
    }
}
