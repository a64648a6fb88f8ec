package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.dpdk.pipeline.Burst;
import java.lang.foreign.MemorySegment;

/**
 * Tells a client at once that a service has no backend, or that its connection is not known (any more), so that it does not wait: RST to TCP
 * (RFC 9293, 3.10.7.1), ICMP "port unreachable" to UDP. The packet's buffer becomes the answer.
 */
final class Refusal {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int HOP_LIMIT = 64;

    private Refusal() {
    }

    /** @param why a packet that must not be answered is dropped */
    static void answer(Burst burst, int i, DropReason why) {
        boolean ipv4 = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4;
        if (burst.protocol[i] == IpProtocol.TCP) {
            if ((TcpHeader.flags(burst.memory(), burst.transport(i)) & TcpHeader.RST) != 0) {
                burst.drop(i, why); // a reset is never answered by one
            } else {
                reset(burst, i, ipv4);
            }
        } else if (ipv4) {
            IcmpError.ipv4(burst, i, Icmpv4.DESTINATION_UNREACHABLE, Icmpv4.PORT_UNREACHABLE, 0);
        } else {
            IcmpError.ipv6(burst, i, Icmpv6.DESTINATION_UNREACHABLE, Icmpv6.PORT_UNREACHABLE, 0);
        }
    }

    private static void reset(Burst burst, int i, boolean ipv4) {
        MemorySegment memory = burst.memory();
        long frame = burst.at(i);
        writeTcp(burst, i, ipv4 ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
        long ip = frame + IP;
        if (ipv4) {
            int vip = Ipv4Header.destination(memory, ip);
            Ipv4Header.write(memory, ip, Ipv4Header.MIN_LENGTH + TcpHeader.MIN_LENGTH, 0, Ipv4Header.DONT_FRAGMENT, HOP_LIMIT, IpProtocol.TCP,
                    vip, Ipv4Header.source(memory, ip));
            long tcp = ip + Ipv4Header.MIN_LENGTH;
            TcpHeader.checksum(memory, tcp, InternetChecksum.ofTransportIpv4(memory, ip, IpProtocol.TCP, tcp, TcpHeader.MIN_LENGTH));
            burst.length[i] = IP + Ipv4Header.MIN_LENGTH + TcpHeader.MIN_LENGTH;
        } else {
            long vipHigh = Ipv6Header.destinationHigh(memory, ip);
            long vipLow = Ipv6Header.destinationLow(memory, ip);
            Ipv6Header.destination(memory, ip, Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip));
            Ipv6Header.source(memory, ip, vipHigh, vipLow);
            Ipv6Header.write(memory, ip, TcpHeader.MIN_LENGTH, IpProtocol.TCP, HOP_LIMIT);
            long tcp = ip + Ipv6Header.LENGTH;
            TcpHeader.checksum(memory, tcp, InternetChecksum.ofTransportIpv6(memory, ip, IpProtocol.TCP, tcp, TcpHeader.MIN_LENGTH));
            burst.length[i] = IP + Ipv6Header.LENGTH + TcpHeader.MIN_LENGTH;
        }
        EthernetHeader.destination(memory, frame, EthernetHeader.source(memory, frame));
        EthernetHeader.source(memory, frame, burst.tables.gatewayMac(burst.network[i]));
        burst.send(i, burst.inPort);
    }

    /** Writes the segment where it belongs behind a plain IP header, which may lie over options of the old one, not over its addresses. */
    private static void writeTcp(Burst burst, int i, int ipLength) {
        MemorySegment memory = burst.memory();
        long old = burst.transport(i);
        int flags = TcpHeader.flags(memory, old);
        int sequence = TcpHeader.sequenceNumber(memory, old);
        int acknowledged = TcpHeader.acknowledgmentNumber(memory, old);
        boolean hasAck = (flags & TcpHeader.ACK) != 0;
        int occupied = ((flags & TcpHeader.SYN) != 0 ? 1 : 0) + ((flags & TcpHeader.FIN) != 0 ? 1 : 0);
        int data = burst.length[i] - burst.l4[i] - TcpHeader.headerLength(memory, old);
        TcpHeader.write(memory, burst.at(i) + IP + ipLength, TcpHeader.destinationPort(memory, old), TcpHeader.sourcePort(memory, old),
                hasAck ? acknowledged : 0, hasAck ? 0 : sequence + data + occupied,
                hasAck ? TcpHeader.RST : TcpHeader.RST | TcpHeader.ACK);
    }
}
