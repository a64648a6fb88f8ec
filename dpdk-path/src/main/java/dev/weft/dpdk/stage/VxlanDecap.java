package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;

/**
 * Inbound: finds the network by its VNI, refuses what is not encrypted as the network is and senders that are no VTEP of it, and strips the
 * VXLAN header (RFC 7348, 5).
 */
public final class VxlanDecap implements Stage {

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                decapsulate(burst, i);
            }
        }
    }

    private static void decapsulate(Burst burst, int i) {
        long vxlan = burst.at(i);
        if (!VxlanHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        if (!VxlanHeader.hasVni(burst.memory(), vxlan)) {
            burst.drop(i, DropReason.VNI_FLAG_CLEAR);
            return;
        }
        int network = burst.tables.network(VxlanHeader.vni(burst.memory(), vxlan));
        if (network == Burst.NONE) {
            burst.drop(i, DropReason.UNKNOWN_VNI);
            return;
        }
        if (burst.cipher[i] != burst.tables.cipher(network)) {
            burst.drop(i, DropReason.CLEAR_TEXT);
            return;
        }
        if (burst.peer[i] == Burst.NONE || !burst.tables.isVtepOf(network, burst.peer[i])) {
            burst.drop(i, DropReason.UNKNOWN_VTEP);
            return;
        }
        burst.network[i] = network;
        burst.offset[i] = vxlan + VxlanHeader.LENGTH;
        burst.length[i] -= VxlanHeader.LENGTH;
    }
}
