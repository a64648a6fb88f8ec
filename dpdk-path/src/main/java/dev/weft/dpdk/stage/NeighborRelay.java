package dev.weft.dpdk.stage;

import dev.weft.api.wire.AddressBits;
import dev.weft.api.wire.ArpPacket;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.NeighborDiscovery;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;

/**
 * Inbound: a VTEP that is not Weft's floods the ARP requests and solicitations of its members. Such a question goes to the one
 * endpoint of this node that it asks about, which answers by itself; {@code Fdb} drops the others as broadcast.
 */
public final class NeighborRelay implements Stage {

    private static final int PAYLOAD = EthernetHeader.LENGTH;

    @Override
    public void process(Burst burst) {
        for (long rest = burst.open() & ~burst.flows; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (EthernetHeader.isMulticast(EthernetHeader.destination(burst.memory(), burst.at(i)))) {
                int port = portOfTarget(burst, i);
                if (port != Burst.NONE) {
                    burst.send(i, port);
                }
            }
        }
    }

    private static int portOfTarget(Burst burst, int i) {
        int address = Burst.NONE;
        if (burst.etherType[i] == EthernetHeader.ETHER_TYPE_ARP && ArpPacket.fits(burst.length[i] - PAYLOAD)) {
            int target = ArpPacket.targetProtocol(burst.memory(), burst.at(i) + PAYLOAD);
            address = burst.tables.addresses().find(burst.network[i], 0, AddressBits.lowOfIpv4(target));
        } else if (NeighborAnswer.isSolicitation(burst, i) && burst.length[i] - burst.l4[i] >= NeighborDiscovery.MIN_LENGTH) {
            long icmp = burst.transport(i);
            address = burst.tables.addresses().find(burst.network[i], NeighborDiscovery.targetHigh(burst.memory(), icmp),
                    NeighborDiscovery.targetLow(burst.memory(), icmp));
        }
        return address == Burst.NONE ? Burst.NONE : burst.tables.addresses().port(address);
    }
}
