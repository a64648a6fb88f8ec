package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.IcmpHeader;
import dev.weft.api.wire.Icmpv4;
import dev.weft.api.wire.Icmpv6;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;

/**
 * Outbound: a packet above the network's MTU goes no further, and its sender is told: "fragmentation needed" (RFC 1191) when DF
 * is set, "packet too big" (RFC 8201) always. An IPv4 packet without DF is dropped and counted: the overlay is a link, and links do
 * not fragment.
 */
public final class PathMtu implements Stage {

    @Override
    public void process(Burst burst) {
        int network = Burst.NONE;
        int most = 0;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                if (burst.network[i] != network) { // of a burst all have one
                    network = burst.network[i];
                    most = EthernetHeader.LENGTH + burst.tables.mtu(network);
                }
                if (burst.length[i] > most) {
                    refuse(burst, i);
                }
            }
        }
    }

    private static void refuse(Burst burst, int i) {
        int mtu = burst.tables.mtu(burst.network[i]);
        long ip = burst.at(i) + EthernetHeader.LENGTH;
        if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4 && Ipv4Header.dontFragment(burst.memory(), ip) && mayBeAnswered(burst, i)) {
            IcmpError.ipv4(burst, i, Icmpv4.DESTINATION_UNREACHABLE, Icmpv4.FRAGMENTATION_NEEDED, mtu);
        } else if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV6 && mayBeAnswered(burst, i)) {
            IcmpError.ipv6(burst, i, Icmpv6.PACKET_TOO_BIG, 0, mtu);
        } else {
            burst.drop(i, DropReason.TOO_BIG);
        }
    }

    /** Never about an ICMP error (RFC 1122, 3.2.2; RFC 4443, 2.4 e), nor about what was sent to many. */
    private static boolean mayBeAnswered(Burst burst, int i) {
        if (EthernetHeader.isMulticast(EthernetHeader.destination(burst.memory(), burst.at(i)))) {
            return false;
        }
        if (burst.l4[i] == 0) {
            return burst.protocol[i] != IpProtocol.ICMPV4 && burst.protocol[i] != IpProtocol.ICMPV6;
        }
        int type = IcmpHeader.type(burst.memory(), burst.transport(i));
        return switch (burst.protocol[i]) {
            case IpProtocol.ICMPV4 -> type == Icmpv4.ECHO_REQUEST || type == Icmpv4.ECHO_REPLY;
            case IpProtocol.ICMPV6 -> !Icmpv6.isError(type);
            default -> true;
        };
    }
}
