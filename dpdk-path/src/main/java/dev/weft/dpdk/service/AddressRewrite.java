package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/** Changes one address of a parsed TCP, UDP or ICMP packet, and the checksums that cover it (RFC 1624). */
final class AddressRewrite {

    private static final int IP = EthernetHeader.LENGTH;

    private AddressRewrite() {
    }

    static void source(Burst burst, int i, long high, long low) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        if (AddressBits.isIpv4(high, low)) {
            int before = Ipv4Header.source(memory, ip);
            int after = AddressBits.ipv4(low);
            Ipv4Header.source(memory, ip, after);
            ipv4Checksums(burst, i, InternetChecksum.change32(before, after));
        } else {
            long beforeHigh = Ipv6Header.sourceHigh(memory, ip);
            long beforeLow = Ipv6Header.sourceLow(memory, ip);
            Ipv6Header.source(memory, ip, high, low);
            transportChecksum(burst, i, InternetChecksum.change128(beforeHigh, beforeLow, high, low));
        }
    }

    static void destination(Burst burst, int i, long high, long low) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        if (AddressBits.isIpv4(high, low)) {
            int before = Ipv4Header.destination(memory, ip);
            int after = AddressBits.ipv4(low);
            Ipv4Header.destination(memory, ip, after);
            ipv4Checksums(burst, i, InternetChecksum.change32(before, after));
        } else {
            long beforeHigh = Ipv6Header.destinationHigh(memory, ip);
            long beforeLow = Ipv6Header.destinationLow(memory, ip);
            Ipv6Header.destination(memory, ip, high, low);
            transportChecksum(burst, i, InternetChecksum.change128(beforeHigh, beforeLow, high, low));
        }
    }

    private static void ipv4Checksums(Burst burst, int i, int change) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        Ipv4Header.headerChecksum(memory, ip, InternetChecksum.update(Ipv4Header.headerChecksum(memory, ip), change));
        transportChecksum(burst, i, change);
    }

    /** Those that cover the addresses: not that of ICMP over IPv4. A UDP checksum of zero says that there is none (RFC 768), and stays so. */
    private static void transportChecksum(Burst burst, int i, int change) {
        MemorySegment memory = burst.memory();
        long l4 = burst.transport(i);
        switch (burst.protocol[i]) {
            case IpProtocol.TCP -> TcpHeader.checksum(memory, l4, InternetChecksum.update(TcpHeader.checksum(memory, l4), change));
            case IpProtocol.UDP -> {
                int checksum = UdpHeader.checksum(memory, l4);
                if (checksum != 0) {
                    UdpHeader.checksum(memory, l4, InternetChecksum.asUdp(InternetChecksum.update(checksum, change)));
                }
            }
            case IpProtocol.ICMPV6 -> IcmpHeader.checksum(memory, l4, InternetChecksum.update(IcmpHeader.checksum(memory, l4), change));
            default -> { }
        }
    }
}
