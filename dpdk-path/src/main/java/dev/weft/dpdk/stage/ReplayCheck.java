package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.esp.InboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.SaTable;

/**
 * Inbound, behind {@code EspOpen}: takes the sequence numbers of authentic packets, in the order in which the packets came (RFC 4303, 3.4.3).
 * One that was taken since {@code SaLookup} looked ends here, whatever is in it; of all others it says with which cipher they were opened. The
 * poller's thread: the replay windows are its own.
 */
public final class ReplayCheck implements Stage {

    /** One run of packets of one SA after the other; mostly there is one. */
    @Override
    public void process(Burst burst) {
        SaTable associations = burst.tables.associations();
        for (long rest = burst.authentic; rest != 0;) {
            int first = Long.numberOfTrailingZeros(rest);
            int end = end(burst, rest, first);
            int association = burst.association[first];
            long run = rest & -1L >>> Burst.CAPACITY - end;
            take(burst, run, associations.inboundSa(association), associations.inboundCipher(association));
            rest &= ~run;
        }
    }

    /** @return the first slot behind that one which is of these and whose packet is of another SA; or where the burst ends */
    private static int end(Burst burst, long authentic, int first) {
        int association = burst.association[first];
        int i = first + 1;
        while (i < burst.count && ((authentic & 1L << i) == 0 || burst.association[i] == association)) {
            i++;
        }
        return i;
    }

    private static void take(Burst burst, long run, InboundSa sa, int cipher) {
        for (long rest = sa.take(burst.sequence, burst.text, run); rest != 0; rest &= rest - 1) {
            burst.drop(Long.numberOfTrailingZeros(rest), DropReason.REPLAYED);
        }
        int end = Long.SIZE - Long.numberOfLeadingZeros(run);
        for (int i = Long.numberOfTrailingZeros(run); i < end; i++) {
            if ((run & 1L << i) != 0) {
                burst.cipher[i] = cipher;
            }
        }
    }
}
