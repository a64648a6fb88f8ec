package dev.weft.dpdk.esp;

import dev.weft.api.path.SecurityAssociation;

/** What one peer may seal packets to this node with. The window is the poller's; each thread that opens has an expanded key of its own. */
public final class InboundSa extends SaCounters {

    private final SecurityAssociation sa;
    private final GcmKey[] keys;
    private final ReplayWindow window;
    /** Taken, and not told yet: the counters are told once for many packets. */
    private long packets;
    private long bytes;

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
     * Takes an authentic packet. The counters learn of it by {@link #tell}.
     *
     * @param length of payload, trailer included
     * @return false when it was there before
     */
    public boolean take(long sequence, int length) {
        if (!window.take(sequence)) {
            return false;
        }
        packets++;
        bytes += length;
        return true;
    }

    /** Others may read what has been taken. */
    public void tell() {
        count(packets, bytes, window.top());
        packets = 0;
        bytes = 0;
    }

    /** Nobody opens with it any more. */
    void close() {
        sa.key().received(window.top());
        for (GcmKey key : keys) {
            key.close();
        }
    }
}
