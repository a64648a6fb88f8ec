package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.InternetChecksum;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Extensions;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import java.lang.foreign.MemorySegment;

/** Outbound: answers ICMP and ICMPv6 echo to gateways and VIPs, at the node where the question is asked. */
public final class EchoAnswer implements Stage {

    private static final int IP = EthernetHeader.LENGTH;
    private static final int HOP_LIMIT = 64;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.l4[i] != 0) {
                boolean ipv4 = burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4;
                int type = IcmpHeader.type(burst.memory(), burst.transport(i));
                if (burst.protocol[i] == IpProtocol.ICMPV4 && ipv4 && type == Icmpv4.ECHO_REQUEST) {
                    ipv4(burst, i);
                } else if (burst.protocol[i] == IpProtocol.ICMPV6 && !ipv4 && type == Icmpv6.ECHO_REQUEST) {
                    ipv6(burst, i);
                }
            }
        }
    }

    private static void ipv4(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        int target = Ipv4Header.destination(memory, ip);
        if (!isAnycast(burst, i, 0, AddressBits.lowOfIpv4(target))) {
            return;
        }
        if (Ipv4Header.isFragment(memory, ip)) {
            burst.drop(i, DropReason.FRAGMENT);
            return;
        }
        Ipv4Header.destination(memory, ip, Ipv4Header.source(memory, ip));
        Ipv4Header.source(memory, ip, target);
        Ipv4Header.timeToLive(memory, ip, HOP_LIMIT);
        Ipv4Header.fillChecksum(memory, ip);
        reply(burst, i, Icmpv4.ECHO_REQUEST, Icmpv4.ECHO_REPLY);
    }

    private static void ipv6(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        long high = Ipv6Header.destinationHigh(memory, ip);
        long low = Ipv6Header.destinationLow(memory, ip);
        if (!isAnycast(burst, i, high, low)) {
            return;
        }
        if (Ipv6Extensions.isFragment(Ipv6Extensions.walk(memory, ip, Ipv6Header.payloadLength(memory, ip)))) {
            burst.drop(i, DropReason.FRAGMENT);
            return;
        }
        Ipv6Header.destination(memory, ip, Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip));
        Ipv6Header.source(memory, ip, high, low);
        Ipv6Header.hopLimit(memory, ip, HOP_LIMIT);
        reply(burst, i, Icmpv6.ECHO_REQUEST, Icmpv6.ECHO_REPLY);
    }

    private static boolean isAnycast(Burst burst, int i, long high, long low) {
        int address = burst.tables.addresses().find(burst.network[i], high, low);
        return address != Burst.NONE && burst.tables.addresses().isAnycast(address);
    }

    /** Swapped addresses leave the pseudo header's sum as it is; only the type has changed. */
    private static void reply(Burst burst, int i, int request, int answer) {
        MemorySegment memory = burst.memory();
        long icmp = burst.transport(i);
        IcmpHeader.type(memory, icmp, answer);
        IcmpHeader.checksum(memory, icmp, InternetChecksum.update16(IcmpHeader.checksum(memory, icmp), request << 8, answer << 8));
        EthernetHeader.destination(memory, burst.at(i), EthernetHeader.source(memory, burst.at(i)));
        EthernetHeader.source(memory, burst.at(i), burst.tables.gatewayMac(burst.network[i]));
        burst.send(i, burst.inPort);
    }
}
