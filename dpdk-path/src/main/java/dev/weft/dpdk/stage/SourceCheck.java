package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.Tables;

/**
 * Inbound, behind {@code InnerParse}: the inner source MAC must live behind the VTEP that the packet came from. The gateway's MAC
 * is every node's, so it may come from each VTEP of the network (a kernel node routes translated VIP packets).
 */
public final class SourceCheck implements Stage {

    /** Most packets come from the MAC that the one before them came from: it is looked up once. */
    private Tables knownIn;
    private int knownNetwork;
    private long knownMac;
    private int knownPeer;

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                long mac = EthernetHeader.source(burst.memory(), burst.at(i));
                int network = burst.network[i];
                if (mac != knownMac || network != knownNetwork || burst.tables != knownIn) {
                    lookUp(burst.tables, network, mac);
                }
                if (knownPeer != burst.peer[i] && mac != burst.tables.gatewayMac(network)) {
                    burst.drop(i, DropReason.SOURCE_MAC_MISMATCH);
                }
            }
        }
    }

    private void lookUp(Tables tables, int network, long mac) {
        knownIn = tables;
        knownNetwork = network;
        knownMac = mac;
        knownPeer = tables.remoteVtep(network, mac);
    }
}
