package dev.weft.dpdk.service;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/**
 * The packet that an ICMP error is about, as far as it is quoted: an IP header and at least eight bytes (RFC 792, RFC 4443 3.1). One of its
 * addresses is changed as that of the packet itself was, and the checksums that cover it: its own, if they are quoted, and the error's
 * (RFC 5508, 4.2). The poller's thread's.
 *
 * <pre>
 *   Ethernet | IP, from who tells | ICMP, 8 bytes | IP of the packet that it is about | ports, ... cut off anywhere
 *                                                 ^ ip                                ^ l4
 * </pre>
 */
final class IcmpQuote {

    private static final int IP = EthernetHeader.LENGTH;
    /** Bytes of a transport header that each error quotes: the ports, and the whole of a UDP header. */
    private static final int LEAST = 8;
    /** Bytes of a TCP header up to and with its checksum. */
    private static final int TCP_TO_CHECKSUM = 18;

    final FlowAddresses addresses = new FlowAddresses();
    int protocol;
    int sourcePort;
    int destinationPort;
    private boolean ipv4;
    private long icmp;
    private long ip;
    private long l4;
    /** Bytes of the quote from {@link #l4} on. */
    private int available;

    /** Whether a parsed packet is an ICMP error that came in one piece. */
    static boolean isError(Burst burst, int i) {
        if (burst.l4[i] == 0) {
            return false;
        }
        int type = IcmpHeader.type(burst.memory(), burst.transport(i));
        long ip = burst.at(i) + IP;
        return burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4
                ? burst.protocol[i] == IpProtocol.ICMPV4 && Icmpv4.isError(type) && !Ipv4Header.isFragment(burst.memory(), ip)
                : burst.protocol[i] == IpProtocol.ICMPV6 && Icmpv6.isError(type)
                        && Ipv6Header.nextHeader(burst.memory(), ip) == IpProtocol.ICMPV6;
    }

    /**
     * @param i an ICMP error
     * @return false when it quotes no TCP or UDP packet with its ports; of IPv6, only one without extension headers
     */
    boolean read(Burst burst, int i) {
        ipv4 = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4;
        icmp = burst.transport(i);
        ip = icmp + IcmpHeader.LENGTH;
        int length = burst.length[i] - burst.l4[i] - IcmpHeader.LENGTH;
        boolean whole = ipv4 ? readIpv4(burst.memory(), length) : readIpv6(burst.memory(), length);
        if (!whole || protocol != IpProtocol.TCP && protocol != IpProtocol.UDP) {
            return false;
        }
        addresses.read(burst.memory(), ip, ipv4);
        sourcePort = BigEndian.getShort(burst.memory(), l4);
        destinationPort = BigEndian.getShort(burst.memory(), l4 + 2);
        return true;
    }

    private boolean readIpv4(MemorySegment memory, int length) {
        if (length < Ipv4Header.MIN_LENGTH + LEAST || Ipv4Header.version(memory, ip) != Ipv4Header.VERSION) {
            return false;
        }
        int header = Ipv4Header.headerLength(memory, ip);
        protocol = Ipv4Header.protocol(memory, ip);
        l4 = ip + header;
        available = length - header;
        return header >= Ipv4Header.MIN_LENGTH && available >= LEAST && Ipv4Header.fragmentOffset(memory, ip) == 0;
    }

    private boolean readIpv6(MemorySegment memory, int length) {
        if (length < Ipv6Header.LENGTH + LEAST || Ipv6Header.version(memory, ip) != Ipv6Header.VERSION) {
            return false;
        }
        protocol = Ipv6Header.nextHeader(memory, ip);
        l4 = ip + Ipv6Header.LENGTH;
        available = length - Ipv6Header.LENGTH;
        return true;
    }

    /** The packet had that source. */
    void source(MemorySegment memory, long high, long low) {
        if (ipv4) {
            Ipv4Header.source(memory, ip, AddressBits.ipv4(low));
        } else {
            Ipv6Header.source(memory, ip, high, low);
        }
        checksums(memory, addresses.sourceHigh, addresses.sourceLow, high, low);
    }

    /** The packet had that destination. */
    void destination(MemorySegment memory, long high, long low) {
        if (ipv4) {
            Ipv4Header.destination(memory, ip, AddressBits.ipv4(low));
        } else {
            Ipv6Header.destination(memory, ip, high, low);
        }
        checksums(memory, addresses.destinationHigh, addresses.destinationLow, high, low);
    }

    /** All that changes in the quote changes the error's checksum: the address, and each checksum that is quoted. */
    private void checksums(MemorySegment memory, long beforeHigh, long beforeLow, long high, long low) {
        int error = update(IcmpHeader.checksum(memory, icmp), beforeHigh, beforeLow, high, low);
        if (ipv4) {
            int before = Ipv4Header.headerChecksum(memory, ip);
            int after = update(before, beforeHigh, beforeLow, high, low);
            Ipv4Header.headerChecksum(memory, ip, after);
            error = InternetChecksum.update16(error, before, after);
        }
        if (hasChecksum(memory)) {
            boolean udp = protocol == IpProtocol.UDP;
            int before = udp ? UdpHeader.checksum(memory, l4) : TcpHeader.checksum(memory, l4);
            int after = update(before, beforeHigh, beforeLow, high, low);
            if (udp) {
                after = InternetChecksum.asUdp(after);
                UdpHeader.checksum(memory, l4, after);
            } else {
                TcpHeader.checksum(memory, l4, after);
            }
            error = InternetChecksum.update16(error, before, after);
        }
        IcmpHeader.checksum(memory, icmp, error);
    }

    /** Of UDP, zero says that there is none (RFC 768); of TCP, it stands behind what each error quotes. */
    private boolean hasChecksum(MemorySegment memory) {
        return protocol == IpProtocol.UDP ? UdpHeader.checksum(memory, l4) != 0 : available >= TCP_TO_CHECKSUM;
    }

    private int update(int checksum, long beforeHigh, long beforeLow, long high, long low) {
        return ipv4 ? InternetChecksum.update32(checksum, AddressBits.ipv4(beforeLow), AddressBits.ipv4(low))
                : InternetChecksum.update128(checksum, beforeHigh, beforeLow, high, low);
    }
}
