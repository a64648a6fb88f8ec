package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EspTrailer;
import dev.weft.api.wire.UdpHeader;
import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.esp.OutboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.SaTable;

/**
 * Outbound, the last stage before packets may go to workers: a frame of an encrypted network gets its SA and, in order, its sequence
 * number, which belong to the poller's thread. Without an SA, or with one that is used up, it ends here. So a packet that is dropped
 * earlier uses no number.
 */
public final class SaSelect implements Stage {

    private static final int HEADERS = UdpHeader.LENGTH + VxlanHeader.LENGTH;

    private final boolean alwaysInUdp;

    /** @param alwaysInUdp true when the uplink is a socket, which sends nothing but UDP */
    public SaSelect(boolean alwaysInUdp) {
        this.alwaysInUdp = alwaysInUdp;
    }

    @Override
    public void process(Burst burst) {
        if (!burst.tables.hasEncryption()) {
            return;
        }
        SaTable associations = burst.tables.associations();
        int network = Burst.NONE;
        int peer = Burst.NONE;
        OutboundSa sa = null;
        int wire = Wire.ESP;
        boolean encrypted = false;
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.peer[i] != Burst.NONE) {
                if (burst.network[i] != network || burst.peer[i] != peer) { // mostly that of the packet before
                    network = burst.network[i];
                    peer = burst.peer[i];
                    tell(sa);
                    int cipher = burst.tables.cipher(network);
                    int index = associations.outbound(peer, cipher);
                    encrypted = cipher != SaTable.CLEAR;
                    sa = encrypted && index != Burst.NONE ? associations.outboundSa(index) : null;
                    wire = sa != null && (alwaysInUdp || associations.isInUdp(index)) ? Wire.ESP_IN_UDP : Wire.ESP;
                }
                if (sa != null) {
                    draw(burst, i, sa, wire);
                } else if (encrypted) {
                    burst.drop(i, DropReason.NO_SA);
                }
            }
        }
        tell(sa);
    }

    private static void tell(OutboundSa sa) {
        if (sa != null) {
            sa.tell();
        }
    }

    private static void draw(Burst burst, int i, OutboundSa sa, int wire) {
        int payload = burst.length[i] + HEADERS;
        long sequence = sa.next(payload + EspTrailer.padding(payload) + EspTrailer.LENGTH);
        if (sequence == OutboundSa.SPENT) {
            burst.drop(i, DropReason.NO_SA);
            return;
        }
        burst.sa[i] = sa;
        burst.sequence[i] = sequence;
        burst.wire[i] = wire;
        burst.esp |= 1L << i;
    }
}
