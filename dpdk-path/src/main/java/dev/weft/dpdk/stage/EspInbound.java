package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EspHeader;
import dev.weft.dpdk.esp.InboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.SaTable;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, on one thread: what {@link SaLookup}, {@link EspOpen} and {@link ReplayCheck} do, packet by packet and in one method. The processor
 * looks up and counts one packet while it still decrypts another, and nothing goes by way of the burst: as three stages on one thread it took
 * a twentieth longer.
 */
public final class EspInbound implements Stage {

    private static final int POLLER = 0;

    private final int overlayPort;

    /** @param overlayPort UDP port of VXLAN */
    public EspInbound(int overlayPort) {
        this.overlayPort = overlayPort;
    }

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (SaLookup.isEsp(burst, i)) {
                open(burst, i);
            }
        }
    }

    private void open(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        SaTable associations = burst.tables.associations();
        long esp = burst.at(i);
        int spi = EspHeader.spi(memory, esp);
        int index = associations.inbound(spi);
        if (index == Burst.NONE || burst.peer[i] == Burst.NONE || associations.inboundVtep(index) != burst.peer[i]) {
            burst.drop(i, DropReason.UNKNOWN_SPI);
            return;
        }
        InboundSa sa = associations.inboundSa(index);
        long sequence = sa.window().extended(EspHeader.sequence(memory, esp));
        if (!sa.window().isNew(sequence)) {
            burst.drop(i, DropReason.REPLAYED);
            return;
        }
        long text = esp + EspHeader.LENGTH;
        int length = burst.length[i] - EspHeader.LENGTH - EspHeader.ICV_LENGTH;
        EspHeader.putAad(memory, esp, spi, sequence);
        if (!sa.key(POLLER).open(memory, EspHeader.aad(esp), EspHeader.AAD_LENGTH, text, length, EspHeader.iv(memory, esp))) {
            burst.drop(i, DropReason.ICV_MISMATCH);
        } else if (!sa.take(sequence, length)) {
            burst.drop(i, DropReason.REPLAYED);
        } else {
            burst.cipher[i] = associations.inboundCipher(index);
            EspOpen.payload(burst, i, text, length, overlayPort);
        }
    }
}
