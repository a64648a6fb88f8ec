package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;

/**
 * Where a frame goes by its destination MAC: to a port of this node, or (outbound only) behind another VTEP, for the stages after
 * this one to encapsulate. What came from the underlay never goes back there. Nothing is flooded: what has no place ends here.
 */
public final class Fdb implements Stage {

    private final boolean toUnderlay;

    private Fdb(boolean toUnderlay) {
        this.toUnderlay = toUnderlay;
    }

    /** For frames of endpoints. */
    public static Fdb outbound() {
        return new Fdb(true);
    }

    /** For frames of other nodes. */
    public static Fdb inbound() {
        return new Fdb(false);
    }

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                forward(burst, i);
            }
        }
    }

    private void forward(Burst burst, int i) {
        int network = burst.network[i];
        long mac = EthernetHeader.destination(burst.memory(), burst.at(i));
        if (EthernetHeader.isMulticast(mac)) {
            burst.drop(i, DropReason.BROADCAST);
            return;
        }
        int port = burst.tables.localPort(network, mac);
        if (port != Burst.NONE && port != burst.inPort) {
            burst.peer[i] = Burst.NONE;
            burst.send(i, port);
            return;
        }
        burst.peer[i] = toUnderlay ? burst.tables.remoteVtep(network, mac) : Burst.NONE;
        if (burst.peer[i] == Burst.NONE) {
            // The gateway has no way out of the network: what is for it and was not answered by now is not served.
            burst.drop(i, mac == burst.tables.gatewayMac(network) ? DropReason.UNSERVED_PROTOCOL : DropReason.UNKNOWN_UNICAST);
        }
    }
}
