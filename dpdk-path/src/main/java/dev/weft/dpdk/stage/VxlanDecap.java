package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.Tables;

/**
 * Inbound: finds the network by its VNI, refuses what is not encrypted as the network is and senders that are no VTEP of it, and strips the
 * VXLAN header (RFC 7348, 5).
 */
public final class VxlanDecap implements Stage {

    /** Most packets are of the network and the VTEP that the one before them was of: they are looked up once. */
    private Tables knownIn;
    private int knownVni;
    private int knownPeer;
    private int knownCipher;
    private int knownNetwork;

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                decapsulate(burst, i);
            }
        }
    }

    private void decapsulate(Burst burst, int i) {
        long vxlan = burst.at(i);
        if (!VxlanHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long header = VxlanHeader.whole(burst.memory(), vxlan);
        if (!VxlanHeader.hasVni(header)) {
            burst.drop(i, DropReason.VNI_FLAG_CLEAR);
            return;
        }
        int vni = VxlanHeader.vni(header);
        boolean known = vni == knownVni && burst.peer[i] == knownPeer && burst.cipher[i] == knownCipher && burst.tables == knownIn;
        if (known || isAdmitted(burst, i, vni)) {
            burst.network[i] = knownNetwork;
            burst.offset[i] = vxlan + VxlanHeader.LENGTH;
            burst.length[i] -= VxlanHeader.LENGTH;
        }
    }

    /** Who is admitted is known from then on. */
    private boolean isAdmitted(Burst burst, int i, int vni) {
        int network = burst.tables.network(vni);
        if (network == Burst.NONE) {
            burst.drop(i, DropReason.UNKNOWN_VNI);
            return false;
        }
        if (burst.cipher[i] != burst.tables.cipher(network)) {
            burst.drop(i, DropReason.CLEAR_TEXT);
            return false;
        }
        if (burst.peer[i] == Burst.NONE || !burst.tables.isVtepOf(network, burst.peer[i])) {
            burst.drop(i, DropReason.UNKNOWN_VTEP);
            return false;
        }
        knownIn = burst.tables;
        knownVni = vni;
        knownPeer = burst.peer[i];
        knownCipher = burst.cipher[i];
        knownNetwork = network;
        return true;
    }
}
