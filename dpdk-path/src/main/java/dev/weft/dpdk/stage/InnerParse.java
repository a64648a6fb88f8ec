package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.TcpHeader;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.Ports;
import java.lang.foreign.MemorySegment;

/**
 * The one look at an overlay frame that all later stages rely on: every header that they read lies within the frame. Sets
 * network (outbound), EtherType, protocol, transport offset and flow hash, and cuts off Ethernet padding.
 */
public final class InnerParse implements Stage {

    private static final int IP = EthernetHeader.LENGTH;
    /** 2^64 divided by the golden ratio (Knuth, 6.4). */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    @Override
    public void process(Burst burst) {
        boolean outbound = !Ports.isUnderlay(burst.inPort);
        int network = outbound ? burst.tables.networkOfPort(burst.inPort) : Burst.NONE;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                if (outbound) {
                    burst.network[i] = network;
                }
                parse(burst, i);
            }
        }
    }

    private static void parse(Burst burst, int i) {
        int network = burst.network[i];
        if (network == Burst.NONE) {
            burst.drop(i, DropReason.PORT_CLOSED);
        } else if (!EthernetHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
        } else {
            if (EthernetHeader.destination(burst.memory(), burst.at(i)) == burst.tables.gatewayMac(network)) {
                burst.toGateway |= 1L << i;
            }
            int etherType = EthernetHeader.etherType(burst.memory(), burst.at(i));
            burst.etherType[i] = etherType;
            switch (etherType) {
                case EthernetHeader.ETHER_TYPE_IPV4 -> parseIpv4(burst, i);
                case EthernetHeader.ETHER_TYPE_IPV6 -> parseIpv6(burst, i);
                default -> parseOther(burst, i, etherType);
            }
        }
    }

    /**
     * A frame with a VLAN tag goes no further (RFC 7348, 6.1): behind the tag no stage sees whose addresses are there, nor which rule is about
     * them, and Linux takes one of VLAN 0 like a frame without a tag.
     */
    private static void parseOther(Burst burst, int i, int etherType) {
        if (etherType == EthernetHeader.ETHER_TYPE_VLAN || etherType == EthernetHeader.ETHER_TYPE_SERVICE_VLAN) {
            burst.drop(i, DropReason.UNSERVED_PROTOCOL);
        } else {
            burst.protocol[i] = Burst.NONE;
            burst.l4[i] = 0;
            hash(burst, i, 0, 0, false);
        }
    }

    private static void parseIpv4(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        int available = burst.length[i] - IP;
        if (available < Ipv4Header.MIN_LENGTH) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long front = Ipv4Header.front(memory, ip);
        long middle = Ipv4Header.middle(memory, ip);
        DropReason fault = Ipv4Check.fault(memory, ip, available, front, middle);
        if (fault != null) {
            burst.drop(i, fault);
        } else {
            int total = Ipv4Header.totalLength(front);
            int header = Ipv4Header.headerLength(front);
            burst.length[i] = IP + total;
            burst.protocol[i] = Ipv4Header.protocol(middle);
            boolean fragment = Ipv4Header.isFragment(front);
            burst.l4[i] = 0;
            if (!Ipv4Header.isLaterFragment(front)) {
                transport(burst, i, IP + header, total - header, fragment);
            }
            hash(burst, i, mix(0, Ipv4Header.source(middle)), mix(0, Ipv4Header.destination(memory, ip)), fragment);
        }
    }

    private static void parseIpv6(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        if (!Ipv6Header.fits(memory, ip, burst.length[i] - IP)) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        int payload = Ipv6Header.payloadLength(memory, ip);
        long walked = Ipv6Extensions.walk(memory, ip, payload);
        if (walked == Ipv6Extensions.TRUNCATED) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (walked == Ipv6Extensions.TOO_MANY || Ipv6Header.version(memory, ip) != Ipv6Header.VERSION) {
            burst.drop(i, DropReason.MALFORMED);
        } else {
            int extensions = Ipv6Extensions.length(walked);
            burst.length[i] = IP + Ipv6Header.LENGTH + payload;
            burst.protocol[i] = Ipv6Extensions.protocol(walked);
            burst.l4[i] = 0;
            if (!Ipv6Extensions.isLaterFragment(walked)) {
                transport(burst, i, IP + Ipv6Header.LENGTH + extensions, payload - extensions, Ipv6Extensions.isFragment(walked));
            }
            hash(burst, i, mix(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip)),
                    mix(Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip)), Ipv6Extensions.isFragment(walked));
        }
    }

    /** A first fragment may hold less than the header; then there is no transport header for anyone (l4 stays 0). */
    private static void transport(Burst burst, int i, int l4, int available, boolean fragment) {
        long header = burst.at(i) + l4;
        boolean fits = switch (burst.protocol[i]) {
            case IpProtocol.TCP -> TcpHeader.fits(burst.memory(), header, available);
            case IpProtocol.UDP -> fragment ? available >= UdpHeader.LENGTH : UdpHeader.fits(burst.memory(), header, available);
            case IpProtocol.ICMPV4, IpProtocol.ICMPV6 -> IcmpHeader.fits(available);
            default -> true;
        };
        if (fits) {
            burst.l4[i] = l4;
        } else if (!fragment) {
            burst.drop(i, DropReason.TRUNCATED);
        }
    }

    /** Ports count only where every packet of the flow shows them: never in fragments, of which the later ones have none. */
    private static void hash(Burst burst, int i, long source, long destination, boolean fragment) {
        int protocol = burst.protocol[i];
        int l4 = burst.l4[i];
        long one = source;
        long other = destination;
        if (l4 != 0 && (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP)) {
            burst.flows |= 1L << i;
            if (protocol == IpProtocol.TCP && (TcpHeader.flags(burst.memory(), burst.transport(i)) & TcpHeader.SYN) != 0) {
                burst.syns |= 1L << i;
            }
            if (!fragment) {
                int ports = BigEndian.getInt(burst.memory(), burst.transport(i));
                one = mix(source, ports >>> 16);
                other = mix(destination, ports & 0xffff);
            }
        }
        long both = mix(protocol, one + other); // a sum: the same in both directions
        burst.flowHash[i] = (int) (both >>> Integer.SIZE);
    }

    private static long mix(long a, long b) {
        long mixed = (a ^ b * GOLDEN) * GOLDEN;
        return mixed ^ mixed >>> Integer.SIZE;
    }
}
