package dev.weft.dpdk.underlay;

/** Who answers ARP, ND and ICMP echo for the data-path address, and has what comes to it and is not the overlay's. */
public enum VtepOwner {

    /** The pipeline, for no kernel has the address; what is not the overlay's is dropped. */
    PIPELINE,
    /** A kernel, which gets each packet of the uplink by itself: the pipeline has a copy, or what an XDP program sent its way. */
    KERNEL_BESIDE,
    /** A kernel, which gets what the pipeline hands on: the uplink is a device that it knows nothing of. See {@link Punt}. */
    KERNEL_BEHIND
}
