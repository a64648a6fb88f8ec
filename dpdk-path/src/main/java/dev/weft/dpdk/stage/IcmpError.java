package dev.weft.dpdk.stage;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.table.OverlayAddresses;
import java.lang.foreign.MemorySegment;

/**
 * Turns a packet into an ICMP error about it, back to the port it came from. The packet stays where it is, as the quotation; the new
 * headers go before it, into the headroom. The gateway is the one who says it, or the destination where there is no gateway.
 */
final class IcmpError {

    /** RFC 1812, 4.3.2.3: as much of the packet as fits 576 bytes. */
    private static final int IPV4_MOST = 576;
    /** RFC 4443, 2.4 c: as much as fits the least MTU. */
    private static final int IPV6_MOST = 1280;
    private static final int IPV4_HEADERS = Ipv4Header.MIN_LENGTH + IcmpHeader.LENGTH;
    private static final int IPV6_HEADERS = Ipv6Header.LENGTH + IcmpHeader.LENGTH;
    private static final int HOP_LIMIT = 64;

    private IcmpError() {
    }

    /** @param rest the last four bytes of the ICMP header: the MTU or 0 */
    static void ipv4(Burst burst, int i, int type, int code, int rest) {
        MemorySegment memory = burst.memory();
        long quoted = burst.at(i) + EthernetHeader.LENGTH;
        int quotation = Math.min(burst.length[i] - EthernetHeader.LENGTH, IPV4_MOST - IPV4_HEADERS);
        OverlayAddresses addresses = burst.tables.addresses();
        int gateway = addresses.gateway(burst.network[i], true);
        int from = gateway == Burst.NONE ? Ipv4Header.destination(memory, quoted) : AddressBits.ipv4(addresses.low(gateway));
        int to = Ipv4Header.source(memory, quoted);
        long icmp = quoted - IcmpHeader.LENGTH;
        IcmpHeader.write(memory, icmp, type, code, rest);
        Icmpv4.fillChecksum(memory, icmp, IcmpHeader.LENGTH + quotation);
        Ipv4Header.write(memory, icmp - Ipv4Header.MIN_LENGTH, IPV4_HEADERS + quotation, 0, 0, HOP_LIMIT, IpProtocol.ICMPV4, from, to);
        frame(burst, i, IPV4_HEADERS, quotation, EthernetHeader.ETHER_TYPE_IPV4);
    }

    /** @param rest the last four bytes of the ICMPv6 header: the MTU or 0 */
    static void ipv6(Burst burst, int i, int type, int code, int rest) {
        MemorySegment memory = burst.memory();
        long quoted = burst.at(i) + EthernetHeader.LENGTH;
        int quotation = Math.min(burst.length[i] - EthernetHeader.LENGTH, IPV6_MOST - IPV6_HEADERS);
        OverlayAddresses addresses = burst.tables.addresses();
        int gateway = addresses.gateway(burst.network[i], false);
        long fromHigh = gateway == Burst.NONE ? Ipv6Header.destinationHigh(memory, quoted) : addresses.high(gateway);
        long fromLow = gateway == Burst.NONE ? Ipv6Header.destinationLow(memory, quoted) : addresses.low(gateway);
        long toHigh = Ipv6Header.sourceHigh(memory, quoted);
        long toLow = Ipv6Header.sourceLow(memory, quoted);
        long icmp = quoted - IcmpHeader.LENGTH;
        long ip = icmp - Ipv6Header.LENGTH;
        IcmpHeader.write(memory, icmp, type, code, rest);
        Ipv6Header.write(memory, ip, IcmpHeader.LENGTH + quotation, IpProtocol.ICMPV6, HOP_LIMIT);
        Ipv6Header.source(memory, ip, fromHigh, fromLow);
        Ipv6Header.destination(memory, ip, toHigh, toLow);
        Icmpv6.fillChecksum(memory, ip, icmp, IcmpHeader.LENGTH + quotation);
        frame(burst, i, IPV6_HEADERS, quotation, EthernetHeader.ETHER_TYPE_IPV6);
    }

    /** The Ethernet header goes last: the ICMP header lies over the old one. */
    private static void frame(Burst burst, int i, int headers, int quotation, int etherType) {
        burst.offset[i] -= headers;
        burst.length[i] = EthernetHeader.LENGTH + headers + quotation;
        EthernetHeader.write(burst.memory(), burst.at(i), burst.tables.macOfPort(burst.inPort), burst.tables.gatewayMac(burst.network[i]),
                etherType);
        burst.send(i, burst.inPort);
    }
}
