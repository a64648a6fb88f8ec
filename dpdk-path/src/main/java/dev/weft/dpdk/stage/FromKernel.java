package dev.weft.dpdk.stage;

import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.port.Ports;

/** What the kernel sends by the uplink of the pipeline: it goes out as it is. The other way, see {@link dev.weft.dpdk.underlay.Punt}. */
public final class FromKernel implements Stage {

    @Override
    public void process(Burst burst) {
        if (burst.inPort != Ports.KERNEL) {
            return;
        }
        for (int i = 0; i < burst.count; i++) {
            if (burst.isOpen(i)) {
                burst.send(i, Ports.UPLINK);
            }
        }
    }
}
