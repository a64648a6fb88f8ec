package dev.weft.dpdk.stage;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import java.lang.foreign.MemorySegment;

/**
 * Both directions: a TCP SYN announces no larger segments than fit the network's MTU (RFC 9293, 3.7.1), for members whose own
 * interface has a larger one. The checksum is updated by what has changed (RFC 1624).
 */
public final class MssClamp implements Stage {

    private static final int IPV4_HEADERS = Ipv4Header.MIN_LENGTH + TcpHeader.MIN_LENGTH;
    private static final int IPV6_HEADERS = Ipv6Header.LENGTH + TcpHeader.MIN_LENGTH;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & burst.syns; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            int headers = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4 ? IPV4_HEADERS : IPV6_HEADERS;
            clamp(burst.memory(), burst.transport(i), burst.tables.mtu(burst.network[i]) - headers);
        }
    }

    private static void clamp(MemorySegment memory, long tcp, int most) {
        int at = TcpHeader.findMss(memory, tcp);
        if (at == TcpHeader.NO_MSS) {
            return;
        }
        int announced = BigEndian.getShort(memory, tcp + at);
        if (announced > most) {
            BigEndian.putShort(memory, tcp + at, most);
            int checksum = TcpHeader.checksum(memory, tcp);
            // At an odd place in the segment (after one NOP, say) the bytes of the word stand in two words of the sum.
            TcpHeader.checksum(memory, tcp, (at & 1) == 0 ? InternetChecksum.update16(checksum, announced, most)
                    : InternetChecksum.update16(checksum, swapped(announced), swapped(most)));
        }
    }

    private static int swapped(int value) {
        return (value & 0xff) << 8 | value >>> 8;
    }
}
