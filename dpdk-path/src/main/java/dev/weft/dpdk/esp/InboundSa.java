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

    /** An authentic packet. @param bytes of payload, trailer included @return false when it was there before */
    public boolean take(long sequence, int bytes) {
        if (!window.take(sequence)) {
            return false;
        }
        count(1, bytes, window.top());
        return true;
    }

    /** Nobody opens with it any more. */
    void close() {
        sa.key().received(sequence());
        for (GcmKey key : keys) {
            key.close();
        }
    }
}
