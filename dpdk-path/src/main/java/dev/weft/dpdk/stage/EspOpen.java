package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EspTrailer;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.UdpHeader;
import dev.weft.dpdk.esp.GcmKey;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.SaTable;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, between {@code SaLookup} and {@code ReplayCheck}: opens ESP in place, down to the payload of the UDP header inside, and says with
 * which cipher. Touches nothing but the packet and its slot: each thread has an instance of its own, with keys of its own.
 *
 * <pre>
 *   SaLookup                                  EspOpen                                                    ReplayCheck
 *   SPI is of this peer -> number may come -> ICV is right -> UDP to the overlay's port ---------------> number taken
 *   UNKNOWN_SPI            REPLAYED           ICV_MISMATCH    MALFORMED, NOT_FOR_US, CONSUMED            REPLAYED
 * </pre>
 */
public final class EspOpen implements Stage {

    private final int overlayPort;
    private final int thread;

    /**
     * @param overlayPort UDP port of VXLAN
     * @param thread      number of the thread that runs it
     */
    public EspOpen(int overlayPort, int thread) {
        this.overlayPort = overlayPort;
        this.thread = thread;
    }

    @Override
    public void process(Burst burst) {
        for (long rest = burst.esp; rest != 0; rest &= rest - 1) {
            open(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    private void open(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        SaTable associations = burst.tables.associations();
        long esp = burst.at(i);
        long text = esp + EspHeader.LENGTH;
        int length = burst.length[i] - EspHeader.LENGTH - EspHeader.ICV_LENGTH;
        GcmKey key = associations.inboundSa(burst.association[i]).key(thread);
        EspHeader.putAad(memory, esp, EspHeader.spi(memory, esp), burst.sequence[i]);
        if (!key.open(memory, EspHeader.aad(esp), EspHeader.AAD_LENGTH, text, length, EspHeader.iv(memory, esp))) {
            burst.drop(i, DropReason.ICV_MISMATCH);
            return;
        }
        burst.authentic |= 1L << i;
        burst.text[i] = length;
        burst.cipher[i] = associations.inboundCipher(burst.association[i]);
        payload(burst, i, text, length, overlayPort);
    }

    /** Strips an authentic packet to the payload of the UDP header inside. */
    static void payload(Burst burst, int i, long text, int length, int overlayPort) {
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
