package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.esp.InboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.table.SaTable;

/**
 * Inbound, behind {@code EspOpen}: takes the sequence numbers of authentic packets, in the order in which the packets came (RFC 4303, 3.4.3).
 * One that was taken since {@code SaLookup} looked ends here, whatever is in it. The poller's thread: the replay windows are its own.
 */
public final class ReplayCheck implements Stage {

    @Override
    public void process(Burst burst) {
        SaTable associations = burst.tables.associations();
        int association = Burst.NONE;
        InboundSa sa = null;
        for (long rest = burst.authentic; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.association[i] != association) { // mostly that of the packet before
                tell(sa);
                association = burst.association[i];
                sa = associations.inboundSa(association);
            }
            if (!sa.take(burst.sequence[i], burst.text[i])) {
                burst.drop(i, DropReason.REPLAYED);
            }
        }
        tell(sa);
    }

    private static void tell(InboundSa sa) {
        if (sa != null) {
            sa.tell();
        }
    }
}
