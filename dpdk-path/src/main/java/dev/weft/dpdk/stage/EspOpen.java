package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.BigEndian;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EspTrailer;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.esp.InboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.table.SaTable;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, before {@code VxlanDecap}: opens ESP in place, down to the payload of the UDP header inside, and says with which cipher. What
 * came in clear passes by, for the network to decide. The poller's thread: the replay windows are its own.
 *
 * <pre>
 *   SPI is of this peer -> number may come -> ICV is right -> number taken -> UDP to the overlay's port
 *   UNKNOWN_SPI            REPLAYED           ICV_MISMATCH    REPLAYED        MALFORMED, NOT_FOR_US, CONSUMED
 * </pre>
 */
public final class EspOpen implements Stage {

    private final int overlayPort;

    /** @param overlayPort UDP port of VXLAN */
    public EspOpen(int overlayPort) {
        this.overlayPort = overlayPort;
    }

    @Override
    public void process(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.wire[i] != Wire.VXLAN && isEsp(burst, i)) {
                open(burst, i);
            }
        }
    }

    /** At the port of ESP in UDP there are keepalives of translators, and IKE (RFC 3948, 2.2 and 2.3). */
    private static boolean isEsp(Burst burst, int i) {
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
        if (!sa.key().open(memory, EspHeader.aad(esp), EspHeader.AAD_LENGTH, text, length, EspHeader.iv(memory, esp))) {
            burst.drop(i, DropReason.ICV_MISMATCH);
        } else if (!sa.take(sequence, length)) {
            burst.drop(i, DropReason.REPLAYED);
        } else {
            burst.cipher[i] = associations.inboundCipher(index);
            payload(burst, i, text, length);
        }
    }

    private void payload(Burst burst, int i, long text, int length) {
        MemorySegment memory = burst.memory();
        if (!EspTrailer.fits(memory, text + length, length)) {
            burst.drop(i, DropReason.MALFORMED);
            return;
        }
        int available = length - EspTrailer.LENGTH - EspTrailer.padLength(memory, text + length);
        int nextHeader = EspTrailer.nextHeader(memory, text + length);
        if (nextHeader == IpProtocol.NO_NEXT_HEADER) {
            burst.drop(i, DropReason.CONSUMED); // a dummy packet that hides how much is said (RFC 4303, 2.6)
        } else if (nextHeader != IpProtocol.UDP || !UdpHeader.fits(memory, text, available)) {
            burst.drop(i, DropReason.MALFORMED);
        } else if (UdpHeader.destinationPort(memory, text) != overlayPort) {
            burst.drop(i, DropReason.NOT_FOR_US);
        } else {
            burst.offset[i] = text + UdpHeader.LENGTH;
            burst.length[i] = UdpHeader.length(memory, text) - UdpHeader.LENGTH;
        }
    }
}
