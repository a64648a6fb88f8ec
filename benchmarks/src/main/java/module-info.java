/** JMH benchmarks of the packet path. */
module dev.weft.benchmarks {
    requires dev.weft.api;
    requires dev.weft.dpdk;
}
