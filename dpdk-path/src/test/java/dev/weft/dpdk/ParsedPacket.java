package dev.weft.dpdk;

import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.MemorySegment;

/** A burst of one packet of {@link OverlayFixture}, as the stage that parses leaves it. */
final class ParsedPacket {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int L4 = IP + Ipv4Header.MIN_LENGTH;

    private ParsedPacket() {
    }

    /** @param length bytes behind the IPv4 header, all zero so far @return its slot */
    static int begin(Burst burst, Tables tables, MemorySegment memory, int source, int destination, int protocol, int length) {
        memory.fill((byte) 0);
        EthernetHeader.write(memory, 0, 1, 2, EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, IP, Ipv4Header.MIN_LENGTH + length, 0, 0, 64, protocol, source, destination);
        burst.begin(tables, memory, OverlayFixture.ENDPOINT);
        int i = burst.add(0, 0, L4 + length);
        burst.network[i] = 0;
        burst.etherType[i] = EthernetHeader.ETHER_TYPE_IPV4;
        burst.protocol[i] = protocol;
        burst.l4[i] = L4;
        return i;
    }
}
