package dev.weft.dpdk.esp;

import dev.weft.api.path.SecurityAssociation;

/** What one peer may seal packets to this node with. The window is the poller's; each thread that opens has an expanded key of its own. */
public final class InboundSa extends SaCounters {

    private final SecurityAssociation sa;
    private final GcmKey[] keys;
    private final ReplayWindow window;

    /** @param threads that open */
    InboundSa(SecurityAssociation sa, GcmEngine engine, int threads) {
        super(sa.key().received());
        this.sa = sa;
        keys = new GcmKey[threads];
        for (int thread = 0; thread < threads; thread++) {
            keys[thread] = engine.expand(sa.key());
        }
        window = new ReplayWindow(sa.key().received());
    }

    public int spi() {
        return sa.spi();
    }

    public ReplayWindow window() {
        return window;
    }

    /** The key of a thread, 0 to threads - 1. */
    public GcmKey key(int thread) {
        return keys[thread];
    }

    /**
     * Takes authentic packets in the order of their slots.
     *
     * @param lengths of payload, trailer included
     * @param slots   a bit for each packet
     * @return a bit for each that was there before
     */
    public long take(long[] sequences, int[] lengths, long slots) {
        long replayed = window.take(sequences, slots);
        long taken = slots & ~replayed;
        long bytes = 0;
        int end = Long.SIZE - Long.numberOfLeadingZeros(taken);
        for (int i = Long.numberOfTrailingZeros(taken); i < end; i++) {
            bytes += (taken & 1L << i) != 0 ? lengths[i] : 0;
        }
        count(Long.bitCount(taken), bytes, window.top());
        return replayed;
    }

    /** Nobody opens with it any more. */
    void close() {
        sa.key().received(window.top());
        for (GcmKey key : keys) {
            key.close();
        }
    }
}
