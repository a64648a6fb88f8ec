package dev.weft.dpdk.pipeline;

/**
 * One step of the packet path: one file, this one signature. A stage looks at every open slot of the burst and passes the
 * others by. It allocates nothing, takes no lock, logs nothing, and runs on one thread.
 */
@FunctionalInterface
public interface Stage {

    void process(Burst burst);
}
