package dev.weft.dpdk.esp;

import dev.weft.api.path.SecurityAssociation;

/**
 * What this node seals packets to one peer with. The poller's thread draws sequence numbers, before packets go to workers; each thread
 * that seals has an expanded key of its own. A number is drawn once, so no IV comes twice: the IV is the number.
 */
public final class OutboundSa extends SaCounters {

    /** What {@link #next} says when the SA may protect nothing more. */
    public static final long SPENT = 0;

    private final SecurityAssociation sa;
    private final GcmKey[] keys;
    /** Sent under the key before this SA was installed. */
    private final long bytesBefore;
    private final long mostPackets;
    private final long mostBytes;
    /** Drawn so far, and what the counters say of it: they are told once for many packets. */
    private long last;
    private long bytesSoFar;
    private long told;
    private long bytesTold;

    /** @param threads that seal */
    OutboundSa(SecurityAssociation sa, GcmEngine engine, int threads) {
        super(sa.key().sent());
        this.sa = sa;
        bytesBefore = sa.key().sentBytes();
        bytesSoFar = bytesBefore;
        bytesTold = bytesBefore;
        last = sa.key().sent();
        told = last;
        mostPackets = sa.limit().packets();
        mostBytes = sa.limit().bytes();
        keys = new GcmKey[threads];
        for (int thread = 0; thread < threads; thread++) {
            keys[thread] = engine.expand(sa.key());
        }
    }

    public int spi() {
        return sa.spi();
    }

    /** The key of a thread, 0 to threads - 1. */
    public GcmKey key(int thread) {
        return keys[thread];
    }

    /**
     * Draws the sequence number of a packet, or {@link #SPENT}. The limit is the key's: what an earlier table sent with it counts. The
     * counters learn of it by {@link #tell}.
     *
     * @param bytes of payload to encrypt, trailer included
     */
    public long next(int bytes) {
        long sequence = last + 1;
        if (sequence < 1 || sequence > mostPackets || bytesSoFar + bytes > mostBytes) {
            return SPENT;
        }
        last = sequence;
        bytesSoFar += bytes;
        return sequence;
    }

    /** Others may read what has been drawn. */
    public void tell() {
        count(last - told, bytesSoFar - bytesTold, last);
        told = last;
        bytesTold = bytesSoFar;
    }

    /** Nobody seals with it any more. */
    void close() {
        sa.key().sent(last, bytesSoFar);
        for (GcmKey key : keys) {
            key.close();
        }
    }
}
