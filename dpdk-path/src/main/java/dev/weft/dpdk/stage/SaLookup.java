package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EspHeader;
import dev.weft.dpdk.esp.ReplayWindow;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.SaTable;
import dev.weft.dpdk.table.Tables;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, the last stage before packets may go to workers: finds the SA of an ESP packet by its SPI (RFC 4303, 3.4.2), and its whole sequence
 * number, which may still come, and lays both over the header: the additional data for {@code EspOpen}. What came in clear passes by, for the
 * network to decide. The poller's thread: the replay windows are its own.
 */
public final class SaLookup implements Stage {

    /** Most packets come by the SA that the one before them came by: it is looked up once. */
    private Tables knownIn;
    private int knownSpi;
    private int knownPeer;
    private int knownIndex;
    private ReplayWindow window;

    /** Packets that nothing has to be looked up for are in a loop without a call, as in {@link UnderlayTrain}. */
    @Override
    public void process(Burst burst) {
        if (isClear(burst)) {
            return;
        }
        int i = 0;
        do {
            i = follow(burst, i);
            if (i < burst.count && isEsp(burst, i)) {
                lookUp(burst, i);
            }
        } while (++i < burst.count);
    }

    /** Without a branch: some instructions for eight slots. */
    private static boolean isClear(Burst burst) {
        int wires = Wire.VXLAN;
        for (int i = 0; i < burst.count; i++) {
            wires |= burst.wire[i];
        }
        return wires == Wire.VXLAN;
    }

    /** Packets of the last SA looked up, from that slot on. @return the first slot with another one, or which is not open */
    private int follow(Burst burst, int begin) {
        if (burst.tables != knownIn || knownIndex == Burst.NONE) {
            return begin;
        }
        long open = burst.open();
        ReplayWindow known = window;
        int i = begin;
        while (i < burst.count && (open & 1L << i) != 0 && isKnown(burst, i)) {
            long sequence = known.extended(EspHeader.sequence(burst.memory(), burst.at(i)));
            if (!known.isNew(sequence)) {
                break;
            }
            take(burst, i, sequence);
            i++;
        }
        if (i > begin) {
            burst.esp |= -1L >>> Burst.CAPACITY - (i - begin) << begin;
        }
        return i;
    }

    private boolean isKnown(Burst burst, int i) {
        return burst.wire[i] != Wire.VXLAN & EspHeader.fits(burst.length[i]) & EspHeader.isAligned(burst.length[i])
                && EspHeader.spi(burst.memory(), burst.at(i)) == knownSpi & burst.peer[i] == knownPeer;
    }

    private void take(Burst burst, int i, long sequence) {
        EspHeader.putAad(burst.memory(), burst.at(i), knownSpi, sequence);
        burst.association[i] = knownIndex;
        burst.sequence[i] = sequence;
    }

    /** Open still, and ESP as far as its length says. */
    private static boolean isEsp(Burst burst, int i) {
        return burst.isOpen(i) && burst.wire[i] != Wire.VXLAN && isWhole(burst, i);
    }

    /** At the port of ESP in UDP there are keepalives of translators, and IKE (RFC 3948, 2.2 and 2.3). */
    private static boolean isWhole(Burst burst, int i) {
        long start = burst.at(i);
        if (burst.wire[i] == Wire.ESP_IN_UDP && burst.length[i] == 1 && BigEndian.getByte(burst.memory(), start) == EspHeader.NAT_KEEPALIVE) {
            burst.drop(i, DropReason.CONSUMED);
        } else if (!EspHeader.fits(burst.length[i])) {
            burst.drop(i, DropReason.TRUNCATED);
        } else if (burst.wire[i] == Wire.ESP_IN_UDP && EspHeader.spi(burst.memory(), start) == EspHeader.NON_ESP_MARKER) {
            burst.drop(i, DropReason.NOT_FOR_US);
        } else if (!EspHeader.isAligned(burst.length[i])) {
            burst.drop(i, DropReason.MALFORMED);
        } else {
            return true;
        }
        return false;
    }

    private void lookUp(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        long esp = burst.at(i);
        int spi = EspHeader.spi(memory, esp);
        if (spi != knownSpi || burst.peer[i] != knownPeer || burst.tables != knownIn) {
            find(burst.tables, spi, burst.peer[i]);
        }
        if (knownIndex == Burst.NONE) {
            burst.drop(i, DropReason.UNKNOWN_SPI);
            return;
        }
        long sequence = window.extended(EspHeader.sequence(memory, esp));
        if (!window.isNew(sequence)) {
            burst.drop(i, DropReason.REPLAYED);
            return;
        }
        take(burst, i, sequence);
        burst.esp |= 1L << i;
    }

    private void find(Tables tables, int spi, int peer) {
        SaTable associations = tables.associations();
        int index = associations.inbound(spi);
        knownIn = tables;
        knownSpi = spi;
        knownPeer = peer;
        knownIndex = index == Burst.NONE || peer == Burst.NONE || associations.inboundVtep(index) != peer ? Burst.NONE : index;
        window = knownIndex == Burst.NONE ? null : associations.inboundSa(index).window();
    }
}
