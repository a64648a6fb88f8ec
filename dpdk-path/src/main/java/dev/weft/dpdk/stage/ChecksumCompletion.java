package dev.weft.dpdk.stage;

import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, behind {@code InnerParse}: completes TCP and UDP checksums that the sender left to hardware which was never met. A
 * Linux container's packet that crosses only virtual devices (veth, bridge, vxlan) arrives with the sum of its pseudo header in
 * the checksum field (CHECKSUM_PARTIAL); inside one kernel a flag goes with it, over a socket or a tap nothing does. Should a
 * finished checksum happen to look like that, completing it gives the same value again.
 */
public final class ChecksumCompletion implements Stage {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int IPV4_WITHOUT_OPTIONS = 0x45;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    /** Loops apart: where most packets end has all its values in registers without sums over packets beside it. */
    @Override
    public void process(Burst burst) {
        long asked = burst.open() & burst.flows;
        if (asked == 0) {
            return;
        }
        for (long rest = partial(burst, asked & ~finished(burst, asked)); rest != 0; rest &= rest - 1) {
            complete(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    /**
     * All from the headers themselves, for each column of the burst takes registers.
     *
     * @return a bit for each of these packets over IPv4 without options which has something else than its pseudo header's sum for a checksum
     */
    private static long finished(Burst burst, long asked) {
        MemorySegment memory = burst.memory();
        long finished = 0;
        for (int i = 0; i < burst.count; i++) {
            if ((asked & 1L << i) != 0 && isFinished(memory, burst.at(i))) {
                finished |= 1L << i;
            }
        }
        return finished;
    }

    private static boolean isFinished(MemorySegment memory, long frame) {
        long ip = frame + IP;
        long front = Ipv4Header.front(memory, ip);
        long middle = Ipv4Header.middle(memory, ip);
        int protocol = Ipv4Header.protocol(middle);
        long transport = ip + Ipv4Header.MIN_LENGTH;
        int checksum = BigEndian.getShort(memory, transport + (protocol == IpProtocol.TCP ? TCP_CHECKSUM : UDP_CHECKSUM));
        long sum = InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(middle), Ipv4Header.destination(memory, ip), protocol,
                Ipv4Header.totalLength(front) - Ipv4Header.MIN_LENGTH);
        boolean known = EthernetHeader.etherType(memory, frame) == EthernetHeader.ETHER_TYPE_IPV4
                & front >>> Long.SIZE - Byte.SIZE == IPV4_WITHOUT_OPTIONS;
        return known & InternetChecksum.isOther(sum, checksum);
    }

    /** @return a bit for each packet of these that has its pseudo header's sum in place of a checksum */
    private static long partial(Burst burst, long asked) {
        long partial = 0;
        for (long rest = asked; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            int sum = ~InternetChecksum.complement(pseudoHeader(burst, i)) & 0xffff;
            if (BigEndian.getShort(burst.memory(), field(burst, i)) == sum) {
                partial |= 1L << i;
            }
        }
        return partial;
    }

    private static long pseudoHeader(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        return burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4
                ? InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), burst.protocol[i],
                        length(burst, i))
                : InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                        Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), burst.protocol[i], length(burst, i));
    }

    /** Of the transport packet. */
    private static int length(Burst burst, int i) {
        return burst.length[i] - burst.l4[i];
    }

    private static long field(Burst burst, int i) {
        return burst.transport(i) + (burst.protocol[i] == IpProtocol.TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
    }

    private static void complete(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        if (isFragment(memory, burst.at(i) + IP, burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4)) {
            return;
        }
        BigEndian.putShort(memory, field(burst, i), 0);
        int checksum = InternetChecksum.complement(pseudoHeader(burst, i) + InternetChecksum.sum(memory, burst.transport(i), length(burst, i)));
        BigEndian.putShort(memory, field(burst, i), burst.protocol[i] == IpProtocol.UDP ? InternetChecksum.asUdp(checksum) : checksum);
    }

    /** A first fragment has a transport header, but its checksum is that of the whole packet. */
    private static boolean isFragment(MemorySegment memory, long ip, boolean ipv4) {
        return ipv4 ? Ipv4Header.isFragment(memory, ip)
                : Ipv6Extensions.isFragment(Ipv6Extensions.walk(memory, ip, Ipv6Header.payloadLength(memory, ip)));
    }
}
