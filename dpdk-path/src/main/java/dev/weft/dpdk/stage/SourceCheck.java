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

    /**
     * The first one; then, if the second one is like it, those that are not, found in a loop without a call: with one, the JIT compiler has every
     * field read again for each packet.
     */
    @Override
    public void process(Burst burst) {
        long open = burst.open();
        if (open == 0) {
            return;
        }
        check(burst, Long.numberOfTrailingZeros(open));
        long others = open & open - 1;
        for (long rest = others & ~known(burst, others); rest != 0; rest &= rest - 1) {
            check(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    /** @return a bit for each of these packets that is like the last one looked up; none where the first of them is not */
    private long known(Burst burst, long slots) {
        long known = 0;
        if (slots != 0 && isKnown(burst, Long.numberOfTrailingZeros(slots))) {
            for (int i = 0; i < burst.count; i++) {
                if ((slots & 1L << i) != 0 && isKnown(burst, i)) {
                    known |= 1L << i;
                }
            }
        }
        return known;
    }

    private boolean isKnown(Burst burst, int i) {
        return EthernetHeader.source(burst.memory(), burst.at(i)) == knownMac & burst.network[i] == knownNetwork & burst.peer[i] == knownPeer;
    }

    private void check(Burst burst, int i) {
        long mac = EthernetHeader.source(burst.memory(), burst.at(i));
        int network = burst.network[i];
        if (mac != knownMac || network != knownNetwork || burst.tables != knownIn) {
            lookUp(burst.tables, network, mac);
        }
        if (knownPeer != burst.peer[i] && mac != burst.tables.gatewayMac(network)) {
            burst.drop(i, DropReason.SOURCE_MAC_MISMATCH);
        }
    }

    private void lookUp(Tables tables, int network, long mac) {
        knownIn = tables;
        knownNetwork = network;
        knownMac = mac;
        knownPeer = tables.remoteVtep(network, mac);
    }
}
