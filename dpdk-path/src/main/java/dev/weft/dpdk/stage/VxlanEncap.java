package dev.weft.dpdk.stage;

import dev.weft.api.wire.VxlanHeader;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.underlay.OuterHeaders;

/**
 * Outbound: puts VXLAN and, on an Ethernet uplink, UDP, IP and Ethernet before every frame that goes to a remote VTEP, and says
 * that it is complete. Each thread has an instance of its own.
 */
public final class VxlanEncap implements Stage {

    private final int uplink;
    private final OuterHeaders outer;

    /**
     * @param uplink the port that encapsulated packets leave through
     * @param outer  what comes before the VXLAN header; null when the port takes UDP payloads
     */
    public VxlanEncap(int uplink, OuterHeaders outer) {
        this.uplink = uplink;
        this.outer = outer;
    }

    @Override
    public void process(Burst burst) {
        if (outer != null) {
            outer.adopt(burst.tables.vteps());
        }
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i) && burst.peer[i] != Burst.NONE) {
                encapsulate(burst, i);
            }
        }
    }

    private void encapsulate(Burst burst, int i) {
        burst.offset[i] -= VxlanHeader.LENGTH;
        burst.length[i] += VxlanHeader.LENGTH;
        VxlanHeader.write(burst.memory, burst.offset[i], burst.tables.vni(burst.network[i]));
        if (outer != null) {
            int payload = burst.length[i];
            burst.offset[i] -= outer.length();
            burst.length[i] += outer.length();
            outer.write(burst.memory, burst.offset[i], payload, burst.peer[i], burst.nextHop[i], burst.flowHash[i]);
        }
        burst.send(i, uplink);
    }
}
