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

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (isEsp(burst, i)) {
                lookUp(burst, i);
            }
        }
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
        EspHeader.putAad(memory, esp, spi, sequence);
        burst.association[i] = knownIndex;
        burst.sequence[i] = sequence;
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
