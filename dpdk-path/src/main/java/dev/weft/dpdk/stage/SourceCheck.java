package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;

/**
 * Inbound, behind {@code InnerParse}: the inner source MAC must live behind the VTEP that the packet came from. The gateway's MAC
 * is every node's, so it may come from each VTEP of the network (a kernel node routes translated VIP packets).
 */
public final class SourceCheck implements Stage {

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                long mac = EthernetHeader.source(burst.memory(), burst.at(i));
                int network = burst.network[i];
                if (burst.tables.remoteVtep(network, mac) != burst.peer[i] && mac != burst.tables.gatewayMac(network)) {
                    burst.drop(i, DropReason.SOURCE_MAC_MISMATCH);
                }
            }
        }
    }
}
