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
        long ip = burst.offset[i] + IP;
        if (AddressBits.isIpv4(high, low)) {
            int before = Ipv4Header.source(memory, ip);
            int after = AddressBits.ipv4(low);
            Ipv4Header.source(memory, ip, after);
            ipv4Checksums(burst, i, before, after);
        } else {
            long beforeHigh = Ipv6Header.sourceHigh(memory, ip);
            long beforeLow = Ipv6Header.sourceLow(memory, ip);
            Ipv6Header.source(memory, ip, high, low);
            transport(burst, i, InternetChecksum.update128(checksum(burst, i), beforeHigh, beforeLow, high, low));
        }
    }

    static void destination(Burst burst, int i, long high, long low) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
        if (AddressBits.isIpv4(high, low)) {
            int before = Ipv4Header.destination(memory, ip);
            int after = AddressBits.ipv4(low);
            Ipv4Header.destination(memory, ip, after);
            ipv4Checksums(burst, i, before, after);
        } else {
            long beforeHigh = Ipv6Header.destinationHigh(memory, ip);
            long beforeLow = Ipv6Header.destinationLow(memory, ip);
            Ipv6Header.destination(memory, ip, high, low);
            transport(burst, i, InternetChecksum.update128(checksum(burst, i), beforeHigh, beforeLow, high, low));
        }
    }

    private static void ipv4Checksums(Burst burst, int i, int before, int after) {
        long ip = burst.offset[i] + IP;
        Ipv4Header.headerChecksum(burst.memory(), ip,
                InternetChecksum.update32(Ipv4Header.headerChecksum(burst.memory(), ip), before, after));
        if (burst.protocol[i] != IpProtocol.ICMPV4) { // its checksum covers no address
            transport(burst, i, InternetChecksum.update32(checksum(burst, i), before, after));
        }
    }

    private static int checksum(Burst burst, int i) {
        long l4 = burst.offset[i] + burst.l4[i];
        return switch (burst.protocol[i]) {
            case IpProtocol.TCP -> TcpHeader.checksum(burst.memory(), l4);
            case IpProtocol.ICMPV6 -> IcmpHeader.checksum(burst.memory(), l4);
            default -> UdpHeader.checksum(burst.memory(), l4);
        };
    }

    /** A UDP checksum of zero says that there is none (RFC 768), and stays so. */
    private static void transport(Burst burst, int i, int updated) {
        long l4 = burst.offset[i] + burst.l4[i];
        if (burst.protocol[i] == IpProtocol.TCP) {
            TcpHeader.checksum(burst.memory(), l4, updated);
        } else if (burst.protocol[i] == IpProtocol.ICMPV6) {
            IcmpHeader.checksum(burst.memory(), l4, updated);
        } else if (UdpHeader.checksum(burst.memory(), l4) != 0) {
            UdpHeader.checksum(burst.memory(), l4, InternetChecksum.asUdp(updated));
        }
    }
}
