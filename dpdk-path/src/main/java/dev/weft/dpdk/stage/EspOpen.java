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
import dev.weft.ffm.libc.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * Inbound, between {@code SaLookup} and {@code ReplayCheck}: opens ESP in place, down to the payload of the UDP header inside.
 * Touches nothing but the packet and its slot: each thread has an instance of its own, with keys of its own.
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

    /** Loops apart, as in {@link EspSeal}: each has its values in registers; {@link SaLookup} has laid out the additional data. */
    @Override
    public void process(Burst burst) {
        SaTable associations = burst.tables.associations();
        long authentic = open(burst, associations);
        burst.authentic = authentic;
        for (long rest = burst.esp & ~authentic; rest != 0; rest &= rest - 1) {
            burst.drop(Long.numberOfTrailingZeros(rest), DropReason.ICV_MISMATCH);
        }
        for (long rest = payloads(burst); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            burst.drop(i, fault(burst, i));
        }
    }

    /** @return a bit for each packet whose ICV is right */
    private long open(Burst burst, SaTable associations) {
        long authentic = 0;
        int association = Burst.NONE;
        GcmKey key = null;
        for (long rest = burst.esp; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.association[i] != association) { // mostly that of the packet before
                association = burst.association[i];
                key = associations.inboundSa(association).key(thread);
            }
            long esp = burst.at(i);
            if (key.open(burst.memory(), EspHeader.aad(esp), EspHeader.AAD_LENGTH, esp + EspHeader.LENGTH, textLength(burst, i),
                    EspHeader.iv(burst.memory(), esp))) {
                authentic |= 1L << i;
            }
        }
        return authentic;
    }

    private static int textLength(Burst burst, int i) {
        return burst.length[i] - EspHeader.LENGTH - EspHeader.ICV_LENGTH;
    }

    /** Strips authentic packets to the payloads of the UDP headers inside. @return a bit for each that has no such thing inside */
    private long payloads(Burst burst) {
        MemorySegment memory = burst.memory();
        long authentic = burst.authentic;
        long faulty = 0;
        for (int i = 0; authentic != 0 && i < burst.count; i++) {
            if ((authentic & 1L << i) != 0) {
                long text = burst.at(i) + EspHeader.LENGTH;
                int length = textLength(burst, i);
                burst.text[i] = length;
                int trailer = EspTrailer.whole(memory, NativeMemory.address(text + length));
                // Behind the text there is the ICV at least: a text shorter than the UDP header is read over, and found too short.
                long udp = UdpHeader.whole(memory, text);
                int available = length - EspTrailer.LENGTH - EspTrailer.padLength(trailer);
                if (EspTrailer.nextHeader(trailer) == IpProtocol.UDP & UdpHeader.fits(udp, available)
                        & UdpHeader.destinationPort(udp) == overlayPort) {
                    burst.offset[i] = text + UdpHeader.LENGTH;
                    burst.length[i] = UdpHeader.length(udp) - UdpHeader.LENGTH;
                } else {
                    faulty |= 1L << i;
                }
            }
        }
        return faulty;
    }

    private static DropReason fault(Burst burst, int i) {
        long text = burst.at(i) + EspHeader.LENGTH;
        int length = burst.text[i];
        int trailer = EspTrailer.whole(burst.memory(), NativeMemory.address(text + length));
        long udp = UdpHeader.whole(burst.memory(), text);
        int available = length - EspTrailer.LENGTH - EspTrailer.padLength(trailer);
        if (!EspTrailer.fits(trailer, length)) {
            return DropReason.MALFORMED;
        }
        if (EspTrailer.nextHeader(trailer) == IpProtocol.NO_NEXT_HEADER) {
            return DropReason.CONSUMED; // a dummy packet that hides how much is said (RFC 4303, 2.6)
        }
        boolean whole = EspTrailer.nextHeader(trailer) == IpProtocol.UDP && UdpHeader.fits(udp, available);
        return whole ? DropReason.NOT_FOR_US : DropReason.MALFORMED;
    }
}
