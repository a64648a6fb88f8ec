package dev.weft.dpdk.stage;

import dev.weft.api.path.Gateway;
import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.OverlayAddresses;
import java.lang.foreign.MemorySegment;

/** Outbound: what asks the gateway for names goes to the node itself, which answers through the gateway's own port. */
public final class GatewayService implements Stage {

    private static final int IP = EthernetHeader.LENGTH;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & burst.toGateway & burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (UdpHeader.destinationPort(burst.memory(), burst.transport(i)) == Gateway.NAMES) { // TCP has it in the same place
                deliver(burst, i);
            }
        }
    }

    private static void deliver(Burst burst, int i) {
        OverlayAddresses addresses = burst.tables.addresses();
        int gateway = destination(burst, i, addresses);
        if (gateway != Burst.NONE && addresses.isAnycast(gateway)) {
            int port = addresses.port(gateway); // VIPs have none
            if (port != Burst.NONE && port != burst.inPort) {
                burst.send(i, port);
            }
        }
    }

    private static int destination(Burst burst, int i, OverlayAddresses addresses) {
        MemorySegment memory = burst.memory();
        long ip = burst.at(i) + IP;
        return burst.etherType[i] == EthernetHeader.ETHER_TYPE_IPV4
                ? addresses.find(burst.network[i], 0, AddressBits.lowOfIpv4(Ipv4Header.destination(memory, ip)))
                : addresses.find(burst.network[i], Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip));
    }
}
