package dev.weft.dpdk.underlay;

import dev.weft.api.counter.DropReason;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.port.Ports;

/**
 * Where whole packets of the underlay end that are not the overlay's: at the kernel when that is behind the pipeline ("punting" is VPP's
 * word for it), and nowhere otherwise.
 */
public final class Punt {

    private final boolean kernelBehind;

    public Punt(Underlay underlay) {
        kernelBehind = underlay.vtepOwner() == VtepOwner.KERNEL_BEHIND;
    }

    /** Decides: the packet, as it came, is the kernel's, or it is dropped under this reason. */
    public void punt(Burst burst, int i, DropReason otherwise) {
        if (kernelBehind) {
            burst.send(i, Ports.KERNEL);
        } else {
            burst.drop(i, otherwise);
        }
    }
}
