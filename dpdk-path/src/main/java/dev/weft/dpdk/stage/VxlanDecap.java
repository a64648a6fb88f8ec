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

    /** Packets that nothing has to be looked up for are in a loop without a call, as in {@link UnderlayTrain}. */
    @Override
    public void process(Burst burst) {
        int i = 0;
        do {
            i = follow(burst, i);
            if (i < burst.count && burst.isOpen(i)) {
                decapsulate(burst, i);
            }
        } while (++i < burst.count);
    }

    /** Strips packets like the last one looked up, from that slot on. @return the first slot with another one, or which is not open */
    private int follow(Burst burst, int begin) {
        if (burst.tables != knownIn) {
            return begin;
        }
        long open = burst.open();
        int i = begin;
        while (i < burst.count && (open & 1L << i) != 0 && isKnown(burst, i)) {
            strip(burst, i);
            i++;
        }
        return i;
    }

    private boolean isKnown(Burst burst, int i) {
        if (!VxlanHeader.fits(burst.length[i])) {
            return false;
        }
        long header = VxlanHeader.whole(burst.memory(), burst.at(i));
        return VxlanHeader.hasVni(header) & VxlanHeader.vni(header) == knownVni & burst.peer[i] == knownPeer & burst.cipher[i] == knownCipher;
    }

    private void strip(Burst burst, int i) {
        burst.network[i] = knownNetwork;
        burst.offset[i] = burst.at(i) + VxlanHeader.LENGTH;
        burst.length[i] -= VxlanHeader.LENGTH;
    }

    private void decapsulate(Burst burst, int i) {
        if (!VxlanHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
            return;
        }
        long header = VxlanHeader.whole(burst.memory(), burst.at(i));
        if (!VxlanHeader.hasVni(header)) {
            burst.drop(i, DropReason.VNI_FLAG_CLEAR);
            return;
        }
        if (isAdmitted(burst, i, VxlanHeader.vni(header))) {
            strip(burst, i);
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
