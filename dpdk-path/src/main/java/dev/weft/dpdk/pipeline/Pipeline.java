package dev.weft.dpdk.pipeline;

/**
 * The stages in their order, one way for each direction. Used by the poller's thread alone; what other threads do for it is not
 * seen from outside.
 */
public interface Pipeline extends AutoCloseable {

    /**
     * A burst to receive into from that port, or null while all are under way. One at a time; the same again until
     * {@link #process} takes it.
     */
    Burst claim(int inPort);

    /** Runs the burst claimed last through the stages; it is sent by then, or by a later {@link #drain}. */
    void process(Burst burst);

    /**
     * Sends what is complete.
     *
     * @return how many packets left the pipeline
     */
    int drain();

    /** Waits until nothing is under way. */
    void drainAll();

    @Override
    void close();
}
