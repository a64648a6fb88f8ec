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
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                parse(burst, i);
            }
        }
    }

    private static void parse(Burst burst, int i) {
        if (burst.network[i] == Burst.NONE) {
            burst.network[i] = burst.tables.networkOfPort(burst.inPort);
        }
        if (burst.network[i] == Burst.NONE) {
            burst.drop(i, DropReason.PORT_CLOSED);
        } else if (!EthernetHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
        } else {
            burst.etherType[i] = EthernetHeader.etherType(burst.memory(), burst.offset[i]);
            switch (burst.etherType[i]) {
                case EthernetHeader.ETHER_TYPE_IPV4 -> parseIpv4(burst, i);
                case EthernetHeader.ETHER_TYPE_IPV6 -> parseIpv6(burst, i);
                default -> hash(burst, i, 0, 0);
            }
        }
    }

    private static void parseIpv4(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
        if (!Ipv4Header.fits(memory, ip, burst.length[i] - IP)) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (Ipv4Header.version(memory, ip) != Ipv4Header.VERSION) {
            burst.drop(i, DropReason.MALFORMED);
        } else if (!Ipv4Header.isChecksumValid(memory, ip)) {
            burst.drop(i, DropReason.BAD_CHECKSUM);
        } else {
            int total = Ipv4Header.totalLength(memory, ip);
            int header = Ipv4Header.headerLength(memory, ip);
            burst.length[i] = IP + total;
            burst.protocol[i] = Ipv4Header.protocol(memory, ip);
            boolean fragment = Ipv4Header.isFragment(memory, ip);
            if (Ipv4Header.fragmentOffset(memory, ip) == 0) {
                transport(burst, i, IP + header, total - header, fragment);
            }
            hash(burst, i, mix(0, Ipv4Header.source(memory, ip)), mix(0, Ipv4Header.destination(memory, ip)));
        }
    }

    private static void parseIpv6(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.offset[i] + IP;
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
            if (!Ipv6Extensions.isLaterFragment(walked)) {
                transport(burst, i, IP + Ipv6Header.LENGTH + extensions, payload - extensions, Ipv6Extensions.isFragment(walked));
            }
            hash(burst, i, mix(Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip)),
                    mix(Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip)));
        }
    }

    /** A first fragment may hold less than the header; then there is no transport header for anyone (l4 stays 0). */
    private static void transport(Burst burst, int i, int l4, int available, boolean fragment) {
        long header = burst.offset[i] + l4;
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
    private static void hash(Burst burst, int i, long source, long destination) {
        boolean ports = burst.l4[i] != 0 && (burst.protocol[i] == IpProtocol.TCP || burst.protocol[i] == IpProtocol.UDP)
                && !isFragment(burst, i);
        long transport = burst.offset[i] + burst.l4[i];
        long one = ports ? mix(source, BigEndian.getShort(burst.memory(), transport)) : source;
        long other = ports ? mix(destination, BigEndian.getShort(burst.memory(), transport + 2)) : destination;
        long both = mix(burst.protocol[i], one + other); // a sum: the same in both directions
        burst.flowHash[i] = (int) (both >>> Integer.SIZE);
    }

    private static boolean isFragment(Burst burst, int i) {
        long ip = burst.offset[i] + IP;
        return burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4 ? Ipv4Header.isFragment(burst.memory(), ip)
                : Ipv6Header.nextHeader(burst.memory(), ip) != burst.protocol[i]
                && Ipv6Extensions.isFragment(Ipv6Extensions.walk(burst.memory(), ip, Ipv6Header.payloadLength(burst.memory(), ip)));
    }

    private static long mix(long a, long b) {
        long mixed = (a ^ b * GOLDEN) * GOLDEN;
        return mixed ^ mixed >>> Integer.SIZE;
    }
}
