package dev.weft.dpdk.esp;

import dev.weft.api.path.SecurityAssociation;

/** What one peer may seal packets to this node with. Owned by the poller's thread. */
public final class InboundSa extends SaCounters {

    private final SecurityAssociation sa;
    private final GcmKey key;
    private final ReplayWindow window;

    InboundSa(SecurityAssociation sa, GcmEngine engine) {
        super(sa.key().received());
        this.sa = sa;
        key = engine.expand(sa.key());
        window = new ReplayWindow(sa.key().received());
    }

    public int spi() {
        return sa.spi();
    }

    public ReplayWindow window() {
        return window;
    }

    public GcmKey key() {
        return key;
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
        key.close();
    }
}
