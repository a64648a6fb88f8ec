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
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & burst.flows; rest != 0; rest &= rest - 1) {
            complete(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    private static void complete(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        long transport = burst.transport(i);
        int protocol = burst.protocol[i];
        boolean ipv4 = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4;
        int length = (int) (ip - transport) + (ipv4 ? Ipv4Header.totalLength(memory, ip) : Ipv6Header.LENGTH + Ipv6Header.payloadLength(memory, ip));
        long pseudo = ipv4
                ? InternetChecksum.pseudoHeaderIpv4(Ipv4Header.source(memory, ip), Ipv4Header.destination(memory, ip), protocol, length)
                : InternetChecksum.pseudoHeaderIpv6(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                        Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip), protocol, length);
        long field = transport + (protocol == IpProtocol.TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
        if (BigEndian.getShort(memory, field) != (~InternetChecksum.complement(pseudo) & 0xffff) || isFragment(memory, ip, ipv4)) {
            return;
        }
        BigEndian.putShort(memory, field, 0);
        int checksum = InternetChecksum.complement(pseudo + InternetChecksum.sum(memory, transport, length));
        BigEndian.putShort(memory, field, protocol == IpProtocol.UDP ? InternetChecksum.asUdp(checksum) : checksum);
    }

    /** A first fragment has a transport header, but its checksum is that of the whole packet. */
    private static boolean isFragment(MemorySegment memory, long ip, boolean ipv4) {
        return ipv4 ? Ipv4Header.isFragment(memory, ip)
                : Ipv6Extensions.isFragment(Ipv6Extensions.walk(memory, ip, Ipv6Header.payloadLength(memory, ip)));
    }
}
